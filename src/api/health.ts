import { createRoute } from "@hono/zod-openapi";
import { aggregatorOf, configOf, type Bindings, type Config } from "../config.ts";
import type { HealthAnswer } from "../domain/health.ts";
import type { ShardHealth } from "../domain/rpc.ts";
import { ageMs } from "./age.ts";
import { reader, sitesOf } from "./auth.ts";
import type { Api, ApiContext } from "./context.ts";
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
  description:
    "To a token that reads of all sites whole; to anybody else the causes alone, which name no site, target, vantage or webhook.",
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

/** Of an older aggregator, which tells no causes. */
const UNTOLD = "something is wrong that this version cannot tell of";

const causesOf = ({ reasons, causes = reasons.length === 0 ? [] : [UNTOLD] }: ShardHealth): string[] =>
  causes;

interface Examined {
  /** For whoever may read of all sites. */
  whole: HealthAnswer;
  /** For anybody: what of it names no site, no target and nothing of anybody's, nor tells how much there is. */
  bare: HealthAnswer;
}

/** Asks every shard. Under a wrong configuration none: it is not clear which there are. */
const examine = async (env: Bindings): Promise<Examined> => {
  const config = configOf(env);
  const numbers = config.problems.length > 0 ? [] : shardsOf(config);
  const answers = await Promise.all(numbers.map((shard) => askShard(env, config, shard)));
  const shards = answers.filter((answer) => typeof answer !== "string");
  const silent = answers.filter((answer) => typeof answer === "string");
  // What is wrong with all shards alike is said once.
  const reasonsBy = (told: (shard: ShardHealth) => string[]): string[] => [
    ...new Set([...config.problems, ...silent, ...shards.flatMap(told)]),
  ];
  const reasons = reasonsBy((shard) => shard.reasons);
  const ok = reasons.length === 0;
  const rearmed = shards
    .flatMap((shard) => shard.rearmed)
    .toSorted((left, right) => (left.at < right.at ? -1 : 1))
    .slice(-MAX_REARMED);
  const warnings = [...config.warnings, ...new Set(shards.flatMap((shard) => shard.warnings ?? []))];
  return {
    whole: { ok, reasons, warnings, shards, rearmed },
    bare: { ok, reasons: reasonsBy(causesOf), warnings: [], shards: [], rearmed: [] },
  };
};

/**
 * Whether a token was sent that reads of all sites. One that is confined, unknown, or cannot be looked up is as none: health is answered
 * to anybody.
 */
const readsAll = async (c: ApiContext): Promise<boolean> => {
  if (c.req.header("Authorization") === undefined) return false;
  try {
    await reader(c, async () => undefined);
    return sitesOf(c) === undefined;
  } catch {
    return false;
  }
};

/** `GET /healthz`, at most one round of questions a second and isolate. */
export const addHealth = (app: Api): void => {
  let kept: { answer: Examined; at: number } | undefined;
  app.openapi(healthRoute, async (c) => {
    if (kept === undefined || ageMs(kept.at) >= KEPT_MS)
      kept = { answer: await examine(c.env), at: Date.now() };
    const { answer } = kept;
    const shown = (await readsAll(c)) ? answer.whole : answer.bare;
    c.header("Cache-Control", "no-store");
    return c.json(shown, 200);
  });
};
