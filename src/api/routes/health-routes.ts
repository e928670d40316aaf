import { createRoute } from "@hono/zod-openapi";
import { aggregatorOf, configOf, type Bindings, type Config } from "../../config.ts";
import type { HealthAnswer } from "../../domain/health.ts";
import type { ShardHealth } from "../../domain/rpc.ts";
import { ageMs } from "../aggregators/age.ts";
import { reader, readableSites } from "../access/auth.ts";
import type { Api, ApiContext } from "../context.ts";
import { within } from "../aggregators/within.ts";
import { json, schemas } from "../openapi/descriptions.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { shardsOf } from "../aggregators/shard-calls.ts";

const SHARD_LIMIT_MS = 1_000;
/** Anyone may ask without a token, so frequent requests must cost the objects nothing. */
const KEPT_MS = 1_000;
const MAX_REARMED = 50;
/** What the platform's messages about a failed write have in common: SQLite's own, or those of the storage below it. */
const STORAGE = /SQLITE_|\bdisk\b|\bstorage\b/i;

const healthRoute = createRoute({
  method: "get",
  path: "/healthz",
  tags: ["health"],
  summary: "Our own health: 200 while the Worker runs, `ok: false` with reasons when something stalled",
  description:
    "To a token that reads of all sites with the names of targets and webhooks, to whoever sends none without them; to one that is confined to sites the causes alone.",
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

/** The cause that is shown for an aggregator of an earlier release, which does not name its causes. */
const UNTOLD = "something is wrong that this version has no words for";

const causesOf = ({ reasons, causes = reasons.length === 0 ? [] : [UNTOLD] }: ShardHealth): string[] =>
  causes;

/** Own health in three views: for tokens that read all sites, for callers without a token, and for tokens confined to sites. */
type Examined = Record<"whole" | "open" | "bare", HealthAnswer>;

/** The view of a shard for callers without a token. An older aggregator gives no more than its causes. */
const opened = ({ unnamed, ...shard }: ShardHealth): ShardHealth => ({
  ...shard,
  reasons: unnamed?.reasons ?? causesOf(shard),
  warnings: unnamed?.warnings ?? [],
});

/** Asks every shard. Under a wrong configuration it asks none, since the number of shards is not certain. */
const examine = async (env: Bindings): Promise<Examined> => {
  const config = configOf(env);
  const numbers = config.problems.length > 0 ? [] : shardsOf(config);
  const answers = await Promise.all(numbers.map((shard) => askShard(env, config, shard)));
  const shards = answers.filter((answer) => typeof answer !== "string");
  const silent = answers.filter((answer) => typeof answer === "string");
  const rearmed = shards
    .flatMap((shard) => shard.rearmed)
    .toSorted((left, right) => (left.at < right.at ? -1 : 1))
    .slice(-MAX_REARMED);
  const told = (all: ShardHealth[]): HealthAnswer => {
    // A reason that all shards share is listed once.
    const reasons = [...new Set([...config.problems, ...silent, ...all.flatMap((shard) => shard.reasons)])];
    const warnings = [...config.warnings, ...new Set(all.flatMap((shard) => shard.warnings ?? []))];
    return { ok: reasons.length === 0, reasons, warnings, shards: all, rearmed };
  };
  const bare = shards.map((shard) => ({ ...shard, reasons: causesOf(shard), warnings: [] }));
  return {
    whole: told(shards.map(({ unnamed: _unnamed, ...shard }) => shard)),
    open: told(shards.map(opened)),
    bare: { ...told(bare), warnings: [], shards: [], rearmed: [] },
  };
};

/** The view that the caller gets. A token that is unknown, or cannot be looked up, counts as none: health is open to everyone. */
const viewFor = async (c: ApiContext): Promise<keyof Examined> => {
  if (c.req.header("Authorization") === undefined) return "open";
  try {
    await reader(c, async () => undefined);
    return readableSites(c) === undefined ? "whole" : "bare";
  } catch {
    return "open";
  }
};

/** Own health. An isolate asks for it at most once a second. */
export class OwnHealth {
  #kept: { answer: Examined; at: number } | undefined;

  /** The view that this caller may see. */
  async of(c: ApiContext): Promise<HealthAnswer> {
    if (this.#kept === undefined || ageMs(this.#kept.at) >= KEPT_MS)
      this.#kept = { answer: await examine(c.env), at: Date.now() };
    const { answer } = this.#kept;
    return answer[await viewFor(c)];
  }
}

/** `GET /healthz`. */
export const addHealth = (app: Api, health: OwnHealth): void => {
  app.openapi(healthRoute, async (c) => {
    const answer = await health.of(c);
    c.header("Cache-Control", "no-store");
    return c.json(answer, 200);
  });
};
