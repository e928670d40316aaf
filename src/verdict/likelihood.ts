/**
 * How likely each sign is under each hidden cause, and how rare the causes are.
 *
 * Intuition: what one probe shows is weighed by how often a node in that state shows it. The first
 * columns of the six rows that decide death from life are the design's; the others are completed
 * here with their reason. A dead host and one that is cut off show outsiders the same.
 *
 * Rejected: learning the table from a target's own history. A node that has never died has nothing
 * to learn its death from, and one that has would be judged by its last accident.
 */
import type { Cause } from "../domain/plain/verdict-table.ts";

export { CAUSES, type Cause } from "../domain/plain/verdict-table.ts";

/** What one probe showed: an outcome, and where it is a silence, whether the connection had opened. */
export type Sign =
  | "ok"
  | "refused"
  | "connect_timeout"
  | "pending_before_open"
  | "response_timeout"
  | "pending_after_open"
  | "broken_body"
  | "app_error"
  | "reset"
  | "tls_failure"
  | "dns_failure";

const dead = (chance: number): { dead: number; cut: number } => ({ dead: chance, cut: chance });

export const LIKELIHOOD: Record<Sign, Record<Cause, number>> = {
  // One round trip in sixty is lost or late somewhere; a gray node answers every other time.
  ok: { up: 0.983, crashed: 1e-6, ...dead(1e-9), hung: 1e-4, gray: 0.5 },
  // Only the host's own kernel refuses after a whole round trip, and the kernel of a live process hardly ever does.
  refused: { up: 1e-6, crashed: 0.98, ...dead(1e-4), hung: 1e-5, gray: 0.01 },
  // A lost packet is retried after 1 and 3 s, so most probes survive one; death leaves nothing else.
  connect_timeout: { up: 0.016, crashed: 0.02, ...dead(0.9998), hung: 0.02, gray: 0.14 },
  // The same, seen after 1 s: some of those answer yet.
  pending_before_open: { up: 0.02, crashed: 0.02, ...dead(0.9999), hung: 0.02, gray: 0.15 },
  // The kernel accepts for a frozen process; a healthy one that is silent so long is a rare accident.
  response_timeout: { up: 6e-4, crashed: 1e-5, ...dead(1e-5), hung: 0.98, gray: 0.2 },
  // After 1 s some slow answers are still to come.
  pending_after_open: { up: 4e-3, crashed: 1e-5, ...dead(1e-5), hung: 0.98, gray: 0.3 },
  // Headers came and the body did not: something still runs there, and it is not well.
  broken_body: { up: 4e-4, crashed: 1e-5, ...dead(1e-6), hung: 1e-2, gray: 0.2 },
  // A deploy gone wrong now and then; a process that is gone answers nothing, but a proxy may for it.
  app_error: { up: 2e-4, crashed: 1e-4, ...dead(1e-6), hung: 1e-4, gray: 0.3 },
  // A crash shows so to those it catches mid-answer, once; a node that goes on doing it is gray.
  reset: { up: 2e-4, crashed: 1e-3, ...dead(1e-6), hung: 1e-4, gray: 0.15 },
  // The handshake needs a living process; certificates expire on healthy nodes, and then for everybody.
  tls_failure: { up: 1e-4, crashed: 1e-5, ...dead(1e-6), hung: 1e-4, gray: 0.1 },
  // The name failed, not the node: it says nothing of the node's own state.
  dns_failure: { up: 5e-4, crashed: 5e-4, ...dead(5e-4), hung: 5e-4, gray: 0.1 },
};

/** A process whose backlog is full: the connections that it would have accepted are silences now. */
export const SILENT_WHEN_FULL = 0.98;

/** Chances that a fault has begun within `PRIOR_GAP_MS` of the last proof to the contrary. */
export interface Priors {
  crashed: number;
  dead: number;
  hung: number;
  gray: number;
  /** One host cut off alone: a pulled cable or a filter, rarer than its death. */
  cut: number;
  /** A whole site cut off: links are doubled. */
  site: number;
  /** A site most of whose packets are lost: a failing link is about as rare as a failed one. */
  lossy: number;
  /** One path, between one vantage and one site. */
  path: number;
  /** A vantage that loses everything. */
  vantage: number;
}

/** All rare, so that evidence and not suspicion decides; of the order of one in a thousand. */
export const PRIORS: Priors = {
  crashed: 1e-3,
  dead: 1e-3,
  hung: 1e-3,
  gray: 1e-3,
  cut: 1e-4,
  site: 2e-4,
  lossy: 2e-4,
  path: 1e-3,
  vantage: 1e-3,
};

/** A site that loses most packets: a packet that is sent once is met with silence this often. */
export const SILENT_WHEN_LOSSY = 0.6;

/** The priors are the chances of a fault within about this long. */
export const PRIOR_GAP_MS = 10_000;
/** What a second silence on the same path adds, in nats: loss comes in bursts. */
export const REPEATED_SILENCE_NATS = 0.7;
/** How likely one cause is to give way to another between two answers: a crash may become a death. */
export const HAZARD = 1e-3;
/** How likely, in a millisecond, a fault that goes unproven is to have ended unseen: three in a thousand a second. */
export const RECOVERY_PER_MS = 3e-6;
/** What should not happen at all, but for clocks, caches and liars. */
export const RARE = 1e-6;
/** A node's own way out fails this often while the node is well: then its heartbeats stop and it does not. */
export const OUTBOUND_CUT = 1e-3;
/** A crash notice alone is believed nine times in ten, until probes bear it out or contradict it. */
export const NOTICE_BELIEVED = 0.9;
/** What a look from inside has seen not to be so. */
export const SEEN_OTHERWISE = 1e-40;
/** A control is down, and not we, about this often. */
export const CONTROL_DOWN = 0.02;
/** Chance of a silence that no cause believed in explains. */
export const UNEXPLAINED_SILENCE = 1e-4;
/** A fault may be this young, for the shortest time between proof and silence; share of PRIOR_GAP_MS. */
const YOUNGEST = 0.05;
/** Share of a prior that has built up in so long a time since the last proof. */
export const grownShare = (ms: number): number => Math.min(1, Math.max(YOUNGEST, ms / PRIOR_GAP_MS));
/** The belief of a target that every vantage reaches: it may have failed since the last look. */
export const CALM: Record<Cause, number> = {
  up: 0.9994,
  crashed: 1e-4,
  dead: 1e-4,
  hung: 1e-4,
  gray: 2e-4,
  cut: 1e-4,
};

// Limits of the arithmetic: they bound its cost and keep it finite, and decide nothing.

/** Sets of open paths are weighed exactly up to so many paths. */
export const EXACT_PATHS = 8;
/** Configurations are numbered by bits; of more paths than this the least silent count as open. */
export const PATHS_MAX = 24;
/** A path without a silence is taken for open, at an error of its prior, unless that is more than this. */
export const SUSPECT_PATH = 0.003;
/** Configurations this much less likely than the best add nothing that is ever shown; nats. */
export const NEGLIGIBLE_NATS = 25;
/** Products below this are near the smallest number there is: their logarithm is taken before. */
export const SMALLEST_PRODUCT = 1e-200;
/** The chance that a vantage is broken grows no further beyond these odds; nats. */
export const BROKEN_NATS_MAX = 30;
/** No prior, loss or path's prior is taken for more than this: nothing is certain beforehand. */
export const PRIOR_MAX = 0.1;
export const LOSS_MAX = 0.95;
export const PATH_PRIOR_MAX = 0.999;
/** Nor is a target taken for gray beyond these odds, or for sound beyond these nats, by its answers alone. */
export const GRAY_ODDS_MAX = 1e6;
export const GRAY_NATS_MIN = -5;
/** The least chance of being well that a suspicion leaves. */
export const LEAST_CHANCE = 1e-9;
/** Beliefs are rounded to one part in this many: short enough to print. */
export const BELIEF_STEPS = 1e6;
