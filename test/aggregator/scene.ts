import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import type { Observation } from "../../src/domain/observation.ts";
import { decodeReading } from "../../src/domain/reading.ts";
import type { Report } from "../../src/domain/report.ts";
import type { AggregatorRpc } from "../../src/domain/rpc.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";

export const REGIONS = ["wnam", "enam", "weur", "eeur", "apac-ne", "apac-se", "oc"];

/** A fresh stub of a shard: the old one is dead after an abort. */
export const shard = (name = "0"): DurableObjectStub =>
  env.AGGREGATOR.get(env.AGGREGATOR.idFromName(name)) as unknown as DurableObjectStub;

export const rpc = (name = "0"): AggregatorRpc => shard(name) as unknown as AggregatorRpc;

export const put = async (site: string, target: string, config: object = {}, name = "0"): Promise<void> => {
  const request = completeTarget(
    TargetSchema.parse({ url: `tcp://127.0.0.1:${9_000 + target.length}`, intervalMs: 5_000, ...config }),
  );
  const result = await rpc(name).putTarget(site, target, request, null);
  if (!result.ok) throw new Error(result.refusal.detail);
};

const sequences = new Map<string, number>();

/** What a vantage would report of `site/target`s now; each call takes the vantage's next sequence. */
export const reportOf = (
  vantage: string,
  keys: string[],
  finding: Partial<Observation> = {},
  begin = Date.now(),
): Report => {
  const sequence = (sequences.get(vantage) ?? 0) + 1;
  sequences.set(vantage, sequence);
  return {
    vantage,
    sequence,
    madeAt: begin,
    version: 1_000_000,
    dropped: 0,
    controls: [],
    observations: keys.map((key) => {
      const [site = "", target = ""] = key.split("/");
      return { site, target, subject: "target", begin, outcome: "ok", stage: "done", totalMs: 5, ...finding };
    }),
  };
};

/** All vantages report the same finding, one after the other. */
export const reportAll = async (keys: string[], finding: Partial<Observation> = {}): Promise<void> => {
  for (const vantage of REGIONS) await rpc().report([reportOf(vantage, keys, finding)]);
};

/** The witnesses of these targets answer all vantages, as they do while their hosts run. */
export const reportWitnesses = (keys: string[], finding: Partial<Observation> = {}): Promise<void> =>
  reportAll(keys, { subject: "witness", ...finding });

export const answerOf = async (site: string, target: string): Promise<VerdictAnswer> => {
  const text = await rpc().read(site, target);
  if (text === null) throw new Error(`no target ${site}/${target}`);
  return JSON.parse(decodeReading(text).json) as VerdictAnswer;
};

/** Rows read from the object's own tables. */
export const query = <T extends Record<string, SqlStorageValue>>(sql: string): Promise<T[]> =>
  runInDurableObject(shard(), (_object, state) => state.storage.sql.exec<T>(sql).toArray());

/** Tables of the newest releases, in their order. Each came with one migration. */
const NEWEST_TABLES = ["go_aheads", "mutes", "groups", "followers", "joins"] as const;

/** Takes the storage back to the release before this table. The caller must make the object anew. */
export const goBackBefore = (table: (typeof NEWEST_TABLES)[number]): Promise<void> =>
  runInDurableObject(shard(), (_object, { storage }) => {
    for (const one of NEWEST_TABLES.slice(NEWEST_TABLES.indexOf(table))) {
      storage.sql.exec(`DROP TABLE ${one}`);
      storage.sql.exec("DELETE FROM migrations WHERE id = (SELECT max(id) FROM migrations)");
    }
  });

/** Forgets the sequences used, for a fresh storage. */
export const forget = (): void => sequences.clear();
