/**
 * The health of a target that some vantage reaches: the vantages whose path to it is cut, and how often it has answered wrongly or not at
 * all.
 *
 * A path is not cut by silence alone: loss comes in bursts, so silence must have lasted; and the vantage must have missed this target more
 * often than its own loss explains, and than its site's loss does. Rejected: the path's belief. A burst of loss that swallows one tick of
 * five targets is five silences to it, but one accident.
 *
 * "How often" is a share of the recent looks, since gray is a rate. Rejected: the posterior of gray. After one wrong answer it stays almost
 * certain for as long as that answer is remembered.
 */
import type { ObservationRecord, ShardState, TargetState, VantageRecord } from "../memory/judge-state.ts";
import type { Tuning } from "../tuning.ts";
import type { Facts } from "./facts.ts";
import type { PathLoss } from "./loss.ts";
import { workingControls } from "./channels.ts";
import { freshnessMs, voteKindOf, silentRun, type Vote } from "./votes.ts";
import { type EvidenceEvent, type JudgedTarget, keysOf } from "../../domain/evidence.ts";
import { isSaidGone } from "../memory/node.ts";

/** The health of a target that some vantage reaches. */
export interface Living {
  /** Ids of the vantages that are cut off from it, sorted. */
  cut: string[];
  health: RecentHealth;
}

/** `recoveredAt`: begin of the first `ok` after the last fall, before which nothing counts; 0 for none. */
export const livingOf = (facts: Facts, recoveredAt: number, loss: PathLoss, tuning: Tuning): Living => {
  const cut = facts.counted.filter((vote) => isCut(facts, recoveredAt, vote, loss, tuning));
  const health = healthOf(facts, recoveredAt, new Set(cut), tuning);
  return { cut: cut.map(({ record }) => record.vantage.id).toSorted(), health };
};

/**
 * Whether the target is silent to one vantage, several times over some time, while another vantage is answered. The vantage's own soundness
 * must have been checked since, if it has controls to check by.
 */
const isCut = (facts: Facts, recoveredAt: number, vote: Vote, loss: PathLoss, tuning: Tuning): boolean => {
  if (vote.kind !== "silent") return false;
  const { timeoutMs } = facts.target;
  const run = silentRun(vote.edge, recoveredAt, { now: facts.now, timeoutMs }, tuning);
  const { first, last, settled: silences, isWhole } = run;
  if (silences < tuning.cutSilences || last - first < tuning.cutSpanMs) return false;
  const { vantage } = vote.record;
  // A vantage that did not wait to the end may only be farther away, where any vantage is answered much later than usual.
  if (!isWhole && (loss.isSlowVantage(vantage.id) || loss.isSlowSite(facts.target.site))) return false;
  const controls = workingControls(vote.record, tuning);
  const checked = controls.length === 0 || controls.some(([, { begin }]) => begin >= first);
  if (!checked || !facts.dissent.some((other) => other.observation.begin > first)) return false;
  const { policy: own, site } = facts.target;
  const byVantage = Math.max(own.expectedLoss ?? 0, loss.ofVantage(vantage.id));
  const bySite = loss.ofSite(site);
  // If much is lost, a vantage that hears the target's siblings meanwhile has lost packets and not its path.
  const isHeard = loss.openAt(site, vantage.id) > first + tuning.inFlightMs;
  if (isHeard && bySite >= tuning.lossyShare) return false;
  return (
    silences >= neededRun(byVantage, tuning.cutByLoss) &&
    silences >= Math.min(tuning.cutSilencesMost, neededRun(bySite, tuning.cutBySiteLoss))
  );
};

/** How many silences in a row are too rare to be chance at this loss. */
const neededRun = (loss: number, chance: number): number =>
  loss === 0 ? 0 : Math.log(chance) / Math.log(loss);

export interface RecentHealth {
  looked: number;
  /** Answered wrongly or not at all, … */
  wrong: number;
  /** … and how many of these were wrong answers, which packet loss cannot cause. */
  amiss: number;
  /** Begin of the newest of those; 0 for none. */
  amissAt: number;
  silent: number;
  /** Vantages that saw silences. */
  silentFrom: number;
}

/** How many vantages have lately failed to look its name up. */
const namelessTo = ({ counted }: Facts, since: number): number =>
  counted.filter(({ edge }) =>
    edge.recent.some(({ begin, outcome }) => outcome === "dns_failure" && begin >= since),
  ).length;

/**
 * How the recent observations since the last recovery went. Only an observation followed by an `ok` shows a target that answers sometimes:
 * observations after the newest `ok` may be the start of a failure, and silences that have not ended, or long runs of them, belong to a cut
 * path.
 */
const healthOf = (facts: Facts, recoveredAt: number, cut: Set<Vote>, tuning: Tuning): RecentHealth => {
  const since = Math.max(facts.now - freshnessMs(facts, tuning), recoveredAt);
  const health: RecentHealth = { looked: 0, wrong: 0, amiss: 0, amissAt: 0, silent: 0, silentFrom: 0 };
  // If one vantage alone cannot look a name up, its own name server is at fault.
  const isNamed = namelessTo(facts, since) < 2;
  const counts = ({ begin, outcome }: ObservationRecord): boolean =>
    begin <= facts.onset && !(isNamed && outcome === "dns_failure");
  for (const vote of facts.counted) {
    if (cut.has(vote)) continue;
    const before = health.silent;
    const run = { length: 0, recent: 0 };
    for (const observation of vote.edge.recent) {
      const kind = counts(observation) ? voteKindOf(observation, vote.edge, facts.now, tuning) : null;
      if (kind === null) continue;
      const recent = observation.begin >= since ? 1 : 0;
      health.looked += recent;
      if (kind === "silent") {
        run.length += 1;
        run.recent += recent;
        continue;
      }
      if (run.length < tuning.cutSilences) health.silent += run.recent;
      [run.length, run.recent] = [0, 0];
      if (kind !== "ok") health.wrong += recent;
      if (kind === "wrong" && recent > 0) {
        health.amiss += 1;
        health.amissAt = Math.max(health.amissAt, observation.begin);
      }
    }
    if (health.silent > before) health.silentFrom += 1;
  }
  return health;
};

// Which targets have to be judged in full, and which are unchanged.

/**
 * The usual case, at a fraction of the cost: the newest look of each vantage was an `ok` and nothing is open. The verdict stands, and only
 * the instant until which it may be believed moves on; null if the target must be judged in full. Rejected: leaving such targets out
 * altogether. Their verdicts would go stale.
 */
const calmed = (
  { frozenSince, vantages }: ShardState,
  state: TargetState,
  now: number,
  tuning: Tuning,
): TargetState | null => {
  if (frozenSince !== null || !isCalm(state)) return null;
  let looked = 0;
  for (const id of state.target.vantages)
    if (isOutside(vantages.get(id), state.target.site))
      looked = Math.max(looked, state.edges.get(id)?.recent.at(-1)?.begin ?? 0);
  const newest = Math.max(looked, state.asOf ?? 0);
  const until = newest + freshnessMs(state, tuning);
  if (looked === 0 || until < now) return null;
  // Whatever was awaited has arrived, or the target would not be calm.
  const told = state.waiting === null ? state : { ...state, waiting: null };
  return newest === state.asOf ? told : { ...told, asOf: newest, nextAt: until + 1 };
};

/** The vantages a verdict rests on: a target served only inside its site may be out of reach for all others. */
const isOutside = (record: VantageRecord | undefined, site: string): boolean =>
  record?.state === "sound" && record.vantage.site !== site;

const isCalm = (state: TargetState): boolean => {
  const { announced, episodeAt, goodSince, override, silentAt, standing, target, troubled } = state;
  const isOpen = troubled || target.paused || override !== null || !announced;
  const isHealing =
    isSaidGone(state) ||
    episodeAt !== null ||
    goodSince !== null ||
    silentAt !== null ||
    state.bursts.count > 0;
  return !isOpen && !isHealing && standing.verdict === "alive" && state.published.verdict === "alive";
};

/** Sorts the targets that may have changed into those that are calm, with their freshness moved on, and those to be judged in full. */
export const sorted = (
  shard: ShardState,
  keys: Iterable<string>,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): Record<"calm" | "open", [string, TargetState][]> => {
  // A target is judged in full after an operator or a node has spoken, however calm it looks.
  const told = new Set(events.flatMap((event) => (event.kind === "report" ? [] : keysOf(event))));
  const calm: [string, TargetState][] = [];
  const open: [string, TargetState][] = [];
  for (const key of keys) {
    const state = shard.targets.get(key);
    if (state === undefined) continue;
    const moved = told.has(key) ? null : calmed(shard, state, now, tuning);
    if (moved === null) open.push([key, state]);
    else if (moved !== state) calm.push([key, moved]);
  }
  return { calm, open };
};

/**
 * Until when a target that these vantages probe at this interval is held back after our absence, while vantages have yet to catch up or to
 * send the rest of a backlog; null if it is not.
 */
export const heldUntil = (
  { returned }: ShardState,
  { intervalMs, vantages }: Pick<JudgedTarget, "intervalMs" | "vantages">,
  now: number,
  tuning: Tuning,
): number | null => {
  if (returned === null) return null;
  const isAwaited = returned.awaited.some(({ vantage }) => vantages.includes(vantage));
  const until = returned.since + (isAwaited ? intervalMs : tuning.returnMs);
  return now < until ? until : null;
};

/**
 * The targets that are not held back. One vantage's part of a backlog does not show what all saw: for a target held back, observations are
 * recorded, but nothing is believed or concluded.
 */
export const caughtUp = (
  shard: ShardState,
  keys: Iterable<string>,
  now: number,
  tuning: Tuning,
): Set<string> =>
  new Set(
    [...keys].filter((key) => {
      const state = shard.targets.get(key);
      return state !== undefined && heldUntil(shard, state.target, now, tuning) === null;
    }),
  );
