/** Finds what has stopped ticking, starts it again, and remembers that. */
import { toInstant } from "../domain/instant.ts";
import { ownOf } from "../domain/own.ts";
import { maskedUrl } from "../domain/secrets.ts";
import type { ShardHealth } from "../domain/rpc.ts";
import type { VantageAnswer } from "../domain/vantage.ts";
import type { ShardState } from "../verdict/memory/judge-state.ts";
import { shownTurns } from "./admission.ts";
import { assignmentFor, unboundWarnings } from "./assignment.ts";
import { setBackLately } from "./clock-setback.ts";
import { loadOf } from "./overload.ts";
import type { Shard } from "./shard.ts";
import type { Catalogue } from "./store/catalogue.ts";
import { COLO, strayWarnings } from "./whereabouts.ts";
import {
  BY_NAME,
  type Naming,
  WITHOUT_NAMES,
  type Condition,
  fewWarnings,
  stalledVantages,
  troubleOf,
} from "./unwell.ts";

const KEPT = 50;

/** How often each object was started again, and the latest restarts. */
interface Rearmed {
  counts: Record<string, number>;
  recent: { what: string; at: number }[];
}

export const rearmedOf = (catalogue: Catalogue): Rearmed =>
  JSON.parse(catalogue.fact("rearmed") ?? '{"counts":{},"recent":[]}') as Rearmed;

const noteRearm = (catalogue: Catalogue, what: string, now: number): void => {
  const { counts, recent } = rearmedOf(catalogue);
  const rearmed: Rearmed = {
    counts: { ...counts, [what]: (ownOf(counts, what) ?? 0) + 1 },
    recent: [...recent, { what, at: now }].slice(-KEPT),
  };
  catalogue.setFact("rearmed", JSON.stringify(rearmed));
};

/** One round: starts again what has stopped, and remembers that it had to. Never throws for a vantage that is out of reach. */
export const watchShards = async (shard: Shard, now: number): Promise<void> => {
  const { catalogue, ledger } = shard;
  catalogue.forgetDrills(now);
  if (shard.hasWork && (await shard.storedAlarm()) === null) {
    noteRearm(catalogue, "aggregator", now);
    shard.wake();
  }
  await shard.follow();
  await locate(shard);
  await logUnwell(shard, now);
  const source = shard.assignmentSource();
  const starts = stalledVantages(ledger.state, shard.visits.tried, now).map(async (id) => {
    if (await shard.rearm(id, assignmentFor(id, source))) noteRearm(catalogue, id, now);
  });
  for (const start of await Promise.allSettled(starts))
    if (start.status === "rejected")
      console.warn(JSON.stringify({ event: "vantage not reached", error: String(start.reason) }));
};

/** How long, beyond the shortest interval, the shard may hear nothing before it tests whether its storage can still be written. */
const QUIET_MS = 1_000;

/** Whether nothing was judged for longer than the shortest interval: with several vantages, each reports at its own time within that. */
const isQuiet = ({ ledger: { state } }: Shard, now: number): boolean => {
  const watched = [...state.targets.values()].flatMap(({ target }) =>
    target.paused || target.vantages.length === 0 ? [] : [target.intervalMs],
  );
  return watched.length > 0 && now - state.judgedAt > Math.min(...watched) + QUIET_MS;
};

/**
 * Where the disk is full, an object's writes fail only after its code has ended, and what the object knew is lost with them: vantages fall
 * silent and nobody could say why. So a request for our health while all is quiet first writes a row. The call then rejects with the
 * storage's words.
 */
export const examineStorage = async (shard: Shard): Promise<void> => {
  const now = nowOf(shard);
  if (!isQuiet(shard, now)) return;
  try {
    shard.catalogue.setFact("tried", String(now));
    await shard.synced();
  } catch (error) {
    shard.notices.unkept(error, now);
    throw error;
  }
};

export const shardHealth = async (shard: Shard): Promise<ShardHealth> => {
  const now = nowOf(shard);
  const { targets } = shard.ledger.state;
  const load = loadOf(shard.ledger.state, shard.notices.punctuality, now);
  const { unnamed, ...trouble } = await troubleNow(shard, now);
  const warningsBy = (naming: Naming): string[] => [
    ...fewWarnings(shard.ledger.state, naming),
    // Every shard knows of these vantages; only shard 0 reports them.
    ...(shard.number === 0 ? unboundWarnings(shard.roster) : []),
    ...strayWarnings(shard.number, shard.config.aggregatorHint, shard.colo.code ?? null, shard.ledger.state),
  ];
  return {
    shard: shard.number,
    targets: targets.size,
    overloaded: load.isOverloaded,
    ...trouble,
    colo: shard.colo.code ?? null,
    warnings: warningsBy(BY_NAME),
    unnamed: { reasons: unnamed, warnings: warningsBy(WITHOUT_NAMES) },
    rearmed: rearmedOf(shard.catalogue).recent.map(({ what, at }) => ({ what, at: toInstant(at) })),
  };
};

/** If the storage takes no writes, the time of a set-back cannot be stored either. The watchdog must still report that, by the plain clock. */
const nowOf = (shard: Shard): number => {
  try {
    return shard.now();
  } catch {
    return Date.now();
  }
};

const troubleNow = async (shard: Shard, now: number): Promise<ReturnType<typeof troubleOf>> => {
  const shards = await shard.peers.problem();
  const condition: Condition = {
    state: shard.ledger.state,
    load: loadOf(shard.ledger.state, shard.notices.punctuality, now),
    controls: shard.deployed.controls,
    shards,
    setBack: setBackLately(shard.catalogue, now),
    ...shard.notices.noticed,
    webhooks: shard.dispatcher.backlogs,
    tried: shard.visits.tried,
  };
  return troubleOf(condition, now);
};

/** Learns where this object runs, and stores it, because the lookup is rare. */
const locate = async ({ catalogue, colo }: Shard): Promise<void> => {
  await colo.refresh();
  if (colo.code !== undefined && colo.code !== catalogue.fact(COLO)) catalogue.setFact(COLO, colo.code);
};

/** Logs each thing that is wrong, once for as long as it lasts: most operators look at the log before they look at health. */
const logUnwell = async (shard: Shard, now: number): Promise<void> => {
  for (const reason of shard.notices.news((await troubleNow(shard, now)).reasons))
    console.warn(JSON.stringify({ event: "unwell", shard: shard.number, reason }));
};

/**
 * `configured`: the controls that the deployment looks at. Results for other controls, from before a deployment changed them, are not
 * shown.
 */
export const shownVantages = (
  state: ShardState,
  rearmed: Rearmed,
  configured: readonly string[],
): VantageAnswer[] =>
  [...state.vantages.values()].map((record) => ({
    id: record.vantage.id,
    kind: record.vantage.kind,
    region: record.vantage.region,
    colo: record.colo,
    provider: record.vantage.provider,
    site: record.vantage.site ?? null,
    sites: record.vantage.sites ?? (record.vantage.kind === "regional" ? "all" : null),
    state: record.state,
    reason: record.reason,
    lastReportAt: record.lastReportAt === null ? null : toInstant(record.lastReportAt),
    rearmed: ownOf(rearmed.counts, record.vantage.id) ?? 0,
    counts: {
      reports: record.reports,
      observations: record.observations,
      dropped: record.dropped,
      refused: record.refused,
    },
    turns: shownTurns(state, record),
    controls: [...record.controls]
      .filter(([url]) => configured.includes(url))
      .map(([url, { answered, answeredAt, begin }]) => ({
        url: maskedUrl(url),
        answered,
        lookedAt: toInstant(begin),
        answeredAt: answeredAt === 0 ? null : toInstant(answeredAt),
      })),
  }));
