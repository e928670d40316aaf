import type { Aside, ShardSnapshot } from "../domain/snapshot.ts";
import type { Reading } from "../domain/reading.ts";
import { decodeReading } from "../domain/reading.ts";
import { maskedUrl } from "../domain/secrets.ts";
import { freshnessMs } from "../verdict/facts/votes.ts";
import type { ShardState, TargetState } from "../verdict/memory/judge-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import { loadOf } from "./overload.ts";
import type { Shard } from "./shard.ts";
import { countWebhooks } from "./webhook-registry.ts";
import { rearmedOf, shownVantages } from "./watchdog.ts";

/** Orders by site and then by target; ordered by key, `a-b/x` would come before `a/x`. */
const byName = ({ target: a }: TargetState, { target: b }: TargetState): number => {
  if (a.site !== b.site) return a.site < b.site ? -1 : 1;
  return a.target < b.target ? -1 : 1;
};

/** The newest looks of vantages whose vote does not count. */
const asideOf = ({ vantages }: ShardState, state: TargetState, now: number): Aside[] =>
  state.target.vantages.flatMap((vantage) => {
    const newest = state.edges.get(vantage)?.recent.at(-1);
    const isAside = vantages.get(vantage)?.state !== "sound";
    if (!isAside || newest === undefined || now - newest.begin > freshnessMs(state, TUNING)) return [];
    return [{ vantage, outcome: newest.outcome, totalMs: newest.totalMs }];
  });

/** The ready-made answer is inserted as it is. */
const counted = (state: TargetState, { rehearsal, json }: Reading, aside: Aside[]): string => {
  const { intervalMs } = state.target;
  const rest = {
    rehearsal,
    url: maskedUrl(state.url),
    intervalMs,
    ...(aside.length === 0 ? {} : { aside }),
  };
  return `${JSON.stringify(rest).slice(0, -1)},"verdict":${json}}`;
};

/** The shard's snapshot as JSON: all the shard's targets, or the targets of one site, of which there may be none. */
export const shardSnapshot = (shard: Shard, site: string | null): string => {
  const { state } = shard.ledger;
  const targets: string[] = [];
  for (const [key, target] of [...state.targets].toSorted(([, a], [, b]) => byName(a, b))) {
    const reading = site === null || site === target.target.site ? shard.read(key) : null;
    if (reading !== null)
      targets.push(counted(target, decodeReading(reading), asideOf(state, target, shard.now())));
  }
  const rest: Omit<ShardSnapshot, "targets"> = {
    shard: shard.number,
    vantages: shownVantages(state, rearmedOf(shard.catalogue), shard.deployed.controls),
    webhooks: countWebhooks(shard),
    load: loadOf(shard.ledger.state, shard.notices.punctuality, shard.now()),
    counters: shard.counters,
  };
  return `${JSON.stringify(rest).slice(0, -1)},"targets":[${targets.join(",")}]}`;
};
