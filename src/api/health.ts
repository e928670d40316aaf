import { createRoute } from "@hono/zod-openapi";
import { aggregatorOf, configOf, type Bindings, type Config } from "../config.ts";
import type { HealthAnswer } from "../domain/health.ts";
import type { ShardHealth } from "../domain/rpc.ts";
import { ageMs } from "./age.ts";
import type { Api } from "./context.ts";
import { within } from "./deadline.ts";
import { json, schemas } from "./document.ts";
import { reasonOf, warn } from "./log.ts";
import { shardsOf } from "./shards.ts";

const SHARD_LIMIT_MS = 1_000;
/** Nobody needs a token to ask, so asking often must cost the objects nothing. */
const KEPT_MS = 1_000;
const MAX_REARMED = 50;
/** What the platform's words have in common where a write has failed: SQLite's own, or those of the storage below it. */
const STORAGE = /SQLITE_|\bdisk\b|\bstorage\b/i;

const healthRoute = createRoute({
  method: "get",
  path: "/healthz",
  tags: ["health"],
  summary: "Our own health: 200 while the Worker runs, `ok: false` with reasons when something stalled",
  responses: { 200: { description: "Health", content: json(schemas.Health) } },
});

const askShard = async (env: Bindings, config: Config, shard: number): Promise<ShardHealth | string> => {
  try {
    const aggregator = aggregatorOf(env, config, shard);
    return await within(SHARD_LIMIT_MS, aggregator.health());
  } catch (error) {
    const reason = reasonOf(error);
    warn("api.health", { shard, reason });
    return STORAGE.test(reason)
      ? `shard ${shard} can keep nothing, so nothing is judged: ${reason}`
      : `shard ${shard} does not answer`;
  }
};

/** Asks every shard. Under a wrong configuration none: it is not clear which there are. */
const examine = async (env: Bindings): Promise<HealthAnswer> => {
  const config = configOf(env);
  const numbers = config.problems.length > 0 ? [] : shardsOf(config);
  const answers = await Promise.all(numbers.map((shard) => askShard(env, config, shard)));
  const shards = answers.filter((answer) => typeof answer !== "string");
  // What is wrong with all shards alike is said once.
  const reasons = [
    ...new Set([
      ...config.problems,
      ...answers.filter((answer) => typeof answer === "string"),
      ...shards.flatMap((shard) => shard.reasons),
    ]),
  ];
  const rearmed = shards
    .flatMap((shard) => shard.rearmed)
    .toSorted((left, right) => (left.at < right.at ? -1 : 1))
    .slice(-MAX_REARMED);
  const warnings = [...config.warnings, ...new Set(shards.flatMap((shard) => shard.warnings ?? []))];
  return { ok: reasons.length === 0, reasons, warnings, shards, rearmed };
};

/** `GET /healthz`, at most one round of questions a second and isolate. */
export const addHealth = (app: Api): void => {
  let kept: { answer: HealthAnswer; at: number } | undefined;
  app.openapi(healthRoute, async (c) => {
    if (kept === undefined || ageMs(kept.at) >= KEPT_MS)
      kept = { answer: await examine(c.env), at: Date.now() };
    c.header("Cache-Control", "no-store");
    return c.json(kept.answer, 200);
  });
};
