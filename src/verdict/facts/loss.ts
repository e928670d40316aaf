/**
 * How much a site loses, from looks whose fate is settled: answered, or lost although target and path were
 * proven good later.
 *
 * Rejected: learnt loss alone as the lossy site's likelihood. It knows a site's loss only when the first verdict
 * has been wrong; beside it, a site that most packets do not reach is a state of its own.
 */
import { IN_FLIGHT_MS } from "../belief/answers.ts";
import { LIKELIHOOD, SILENT_WHEN_LOSSY } from "../likelihood.ts";
import type { Tuning } from "../tuning.ts";
import { provenAt } from "../memory/proof.ts";
import type { Edge, Sighting, SiteRecord, TargetState, VantageRecord } from "../memory/state.ts";
import { kindOf } from "./votes.ts";

/** Loss is learnt from so short a time: it may begin and end within seconds. */
const LEARNT_WINDOW_MS = 8_000;
/** A site may have become lossy about so long ago … */
const LOSSY_SINCE_MS = [2_500, 5_000, 10_000];
const LOSS_WINDOW_MS = Math.max(LEARNT_WINDOW_MS, ...LOSSY_SINCE_MS);
/** … which every lost probe since speaks for and every answer against; nats. */
const LOST_NATS = Math.log(SILENT_WHEN_LOSSY / LIKELIHOOD.connect_timeout.up);
const ANSWERED_NATS = Math.log((1 - SILENT_WHEN_LOSSY) / LIKELIHOOD.ok.up);
/** … and a site is taken for an ordinary one as if so many of its probes had been seen before. */
const LOSS_PRIOR_LOOKS = 15;

/** A probe of late whose fate is settled: answered, or lost though path and target are proven good since. */
export interface Settled {
  begin: number;
  /** 0 for an answer; how much of the silence no fault explains. */
  lost: number;
}

/** The settled looks of late at a site's targets from outside of it. */
export const recentLoss = (
  targets: TargetState[],
  records: VantageRecord[],
  { paths }: SiteRecord,
  now: number,
  tuning: Tuning,
): Settled[] => {
  const settled: Settled[] = [];
  for (const state of targets) {
    const answeredAt = lastAnswerAt(state, records, now, tuning);
    for (const { vantage } of records) {
      const edge = state.edges.get(vantage.id);
      if (edge === undefined) continue;
      const at = { target: answeredAt, path: paths.get(vantage.id)?.at ?? 0 };
      for (let index = edge.recent.length - 1; index >= 0; index--) {
        const sighting = edge.recent[index];
        if (sighting === undefined || sighting.begin < now - LOSS_WINDOW_MS) break;
        const lost = lostOf(sighting, edge, at, tuning);
        if (lost !== null) settled.push({ begin: sighting.begin, lost });
      }
    }
  }
  return settled;
};

/**
 * Begin of the newest look that the target answered; 0 without one. Its proof will not do: a frozen process
 * proves its host by each connection it accepts, and those that its full backlog drops meanwhile are no loss.
 */
const lastAnswerAt = (
  { edges }: TargetState,
  records: VantageRecord[],
  now: number,
  tuning: Tuning,
): number => {
  let newest = 0;
  for (const { vantage } of records) {
    const edge = edges.get(vantage.id);
    const answered = edge?.recent.findLast(
      (sighting) => provenAt(sighting, now) !== null && kindOf(sighting, edge, tuning) !== "hung",
    );
    newest = Math.max(newest, answered?.begin ?? 0);
  }
  return newest;
};

/** Null for what is not settled: `at` is when the target last answered and the path was last proven good. */
const lostOf = (
  sighting: Sighting,
  edge: Edge,
  at: { target: number; path: number },
  tuning: Tuning,
): number | null => {
  if (sighting.begin > Math.min(at.target, at.path)) return null;
  const kind = kindOf(sighting, edge, tuning);
  if (kind === null) return null;
  if (kind !== "silent" && kind !== "hung") return 0;
  // A hang's first connections may have begun before the last answers did: they are no loss.
  if (kind === "hung" && sighting.begin > at.target - IN_FLIGHT_MS) return null;
  return sighting.weight ?? 1;
};

/** Share of the site's probes that were lost of late though a later answer proved path and target good. */
export const learntLoss = (recent: Settled[], now: number): number => {
  const lately = recent.filter(({ begin }) => begin >= now - LEARNT_WINDOW_MS);
  const lost = lately.reduce((sum, one) => sum + one.lost, LOSS_PRIOR_LOOKS * LIKELIHOOD.connect_timeout.up);
  return lost / (lately.length + LOSS_PRIOR_LOOKS);
};

/** How much better a lossy site explains what is settled, whenever within the window it became one; nats. */
export const lossyNats = (recent: Settled[], now: number): number => {
  const each = LOSSY_SINCE_MS.map((ms) =>
    recent.reduce((nats, { begin, lost }) => {
      if (begin < now - ms) return nats;
      return nats + (lost > 0 ? lost * LOST_NATS : ANSWERED_NATS);
    }, 0),
  );
  const best = Math.max(...each);
  return best + Math.log(each.reduce((sum, nats) => sum + Math.exp(nats - best), 0) / each.length);
};
