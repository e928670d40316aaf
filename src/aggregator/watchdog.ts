/** What stopped ticking, by its own record, and the memory of what had to be started again. */
import { toInstant } from "../domain/instant.ts";
import type { Load } from "../domain/load.ts";
import type { ShardHealth } from "../domain/rpc.ts";
import type { VantageAnswer } from "../domain/vantage.ts";
import type { ShardState } from "../verdict/memory/state.ts";
import { shownTurns } from "./admission.ts";
import { assignmentFor } from "./assignment.ts";
import { lateReasons } from "./overload.ts";
import { setBackLately } from "./setback.ts";
import type { Shard } from "./shard.ts";
import type { Catalogue } from "./store/catalogue.ts";

const KEPT = 50;
/** Beyond its interval and a half, how late a vantage may report before it counts as stalled. */
const SLACK_MS = 15_000;

/** How often what was started again, and lately what. */
interface Rearmed {
  counts: Record<string, number>;
  recent: { what: string; at: number }[];
}

export const rearmedOf = (catalogue: Catalogue): Rearmed =>
  JSON.parse(catalogue.fact("rearmed") ?? '{"counts":{},"recent":[]}') as Rearmed;

const noteRearm = (catalogue: Catalogue, what: string, now: number): void => {
  const { counts, recent } = rearmedOf(catalogue);
  const rearmed: Rearmed = {
    counts: { ...counts, [what]: (counts[what] ?? 0) + 1 },
    recent: [...recent, { what, at: now }].slice(-KEPT),
  };
  catalogue.setFact("rearmed", JSON.stringify(rearmed));
};

/** Vantages that have had targets to look at for long enough and have not reported for too long. */
const stalledVantages = (state: ShardState, now: number): string[] => {
  const expectedSince = new Map<string, number>();
  for (const { target, createdAt } of state.targets.values()) {
    if (target.paused) continue;
    for (const id of target.vantages) {
      const last = Math.max(state.vantages.get(id)?.lastReportAt ?? 0, createdAt);
      const due = last + 1.5 * target.intervalMs + SLACK_MS;
      expectedSince.set(id, Math.min(expectedSince.get(id) ?? Infinity, due));
    }
  }
  return [...expectedSince].filter(([, due]) => now > due).map(([id]) => id);
};

/** One round: starts again what stopped, and remembers that it had to. Never throws for a vantage out of reach. */
export const watch = async (shard: Shard, now: number): Promise<void> => {
  const { catalogue, ledger } = shard;
  for (const drill of catalogue.drills()) if (drill.endsAt <= now) catalogue.deleteDrill(drill.id);
  if (shard.hasWork && (await shard.storedAlarm()) === null) {
    noteRearm(catalogue, "aggregator", now);
    shard.wake();
  }
  await shard.follow();
  const source = shard.assignmentSource();
  const starts = stalledVantages(ledger.state, now).map(async (id) => {
    if (await shard.rearm(id, assignmentFor(id, source))) noteRearm(catalogue, id, now);
  });
  for (const start of await Promise.allSettled(starts))
    if (start.status === "rejected")
      console.warn(JSON.stringify({ event: "vantage not reached", error: String(start.reason) }));
};

/** One sentence for each vantage that does not keep up. */
const behindReasons = (state: ShardState, { behind }: Load, now: number): string[] =>
  behind.flatMap(({ vantage, due, missed, since }) => {
    const record = state.vantages.get(vantage);
    if (record === undefined) return [];
    const { perSecond, assignedPerSecond } = shownTurns(state, record);
    return `vantage ${vantage} does not keep up: within two minutes ${missed} of ${due} turns went by without a look, some since ${toInstant(since)} (${spanOf(now - since)}); it has ${assignedPerSecond.toFixed(1)} looks a second to take, and its pace allows ${perSecond.toFixed(1)}`;
  });

const spanOf = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;

/** One sentence for each clock that was set or is wrong. */
const clockReasons = ({ catalogue, ahead }: Shard, now: number): string[] => {
  const back = setBackLately(catalogue, now);
  return [
    ...(back === null
      ? []
      : [
          `the clock was set back by ${spanOf(back.byMs)} at ${toInstant(back.at)}: what was seen before is void, and unknown until it is seen again`,
        ]),
    ...ahead.map(
      ([vantage, ms]) =>
        `the clock of vantage ${vantage} is ${spanOf(ms)} ahead: nobody knows when it saw what it tells, so it does not count`,
    ),
  ];
};

export const healthOf = async (shard: Shard, now: number): Promise<ShardHealth> => {
  const { state } = shard.ledger;
  const shards = await shard.peers.problem();
  const load = shard.load(now);
  const reasons = [
    ...(shards === null ? [] : [shards]),
    ...clockReasons(shard, now),
    ...(state.frozenSince === null
      ? []
      : [`most targets fell silent at once: advice is frozen since ${toInstant(state.frozenSince)}`]),
    ...stalledVantages(state, now).map((id) => `vantage ${id} has stopped reporting`),
    ...lateReasons(load),
    ...behindReasons(state, load, now),
  ];
  return {
    shard: shard.number,
    targets: state.targets.size,
    overloaded: load.isOverloaded,
    reasons,
    rearmed: rearmedOf(shard.catalogue).recent.map(({ what, at }) => ({ what, at: toInstant(at) })),
  };
};

export const shownVantages = (state: ShardState, rearmed: Rearmed): VantageAnswer[] =>
  [...state.vantages.values()].map((record) => ({
    id: record.vantage.id,
    kind: record.vantage.kind,
    region: record.vantage.region,
    colo: record.colo,
    provider: record.vantage.provider,
    site: record.vantage.site ?? null,
    state: record.state,
    lastReportAt: record.lastReportAt === null ? null : toInstant(record.lastReportAt),
    rearmed: rearmed.counts[record.vantage.id] ?? 0,
    counts: { reports: record.reports, observations: record.observations, dropped: record.dropped },
    turns: shownTurns(state, record),
  }));
