/**
 * The world as it truly is. Detectors look at it and cannot disturb it: everything that happens is a
 * function of seed, scenario, entity and instant, never of who looked before. So any number of
 * detectors see one and the same world. A shared random stream lost: one probe more shifts all that follows.
 */
import type { Outcome, Stage } from "../../src/domain/outcome.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import type { Policy } from "../../src/domain/target.ts";
import type { Case } from "./scenario.ts";

/** The final outcome of one probe; never `pending`. */
export interface Seen {
  outcome: Exclude<Outcome, "pending" | "blocked">;
  stage: Stage;
  /** From begin until the prober knew, milliseconds; the timeout where it ended in silence. */
  tookMs: number;
  /** From begin to the open connection or the refusal; absent where neither came. */
  connectMs?: number;
}

/** A position a detector may probe from. */
export interface Place {
  id: string;
  region: string;
  provider: string;
  colo?: string;
  /** The site it stands in, for an inside vantage. Detectors that know only outside probers leave these out. */
  site?: string;
}

export type TruthState = "up" | "crashed" | "dead" | "hung" | "gray" | "isolated" | "site-cut";

/** What is true of a target at an instant. */
export interface Truth {
  /** `isolated`: it runs and no outside place reaches it alone; `site-cut`: nor any of its siblings. */
  state: TruthState;
  /** Since when this state holds; the world's beginning where it always has. */
  since: number;
  /** Outside places from which an answer can come back, lost packets aside; a refusal is an answer. */
  reachableFrom: readonly string[];
}

/** A statement of a node about itself, at the instant it reaches the collector. */
export interface Word {
  kind: "heartbeat" | "crash" | "start";
  key: string;
  sentAt: number;
  arrivesAt: number;
}

/** Something to be watched. */
export interface Subject {
  site: string;
  target: string;
  /** `site/target`. */
  key: string;
  /** The key of a second port on the same host, to be probed like a target. */
  witness?: string;
  /** Its own where they are not all alike. */
  intervalMs?: number;
  timeoutMs?: number;
  heartbeatMs?: number | null;
  policy?: Policy;
}

export interface Reality {
  readonly seed: number;
  readonly scenario: string;
  /** Nothing exists before `beginsAt`; faults begin after `faultAt`; nothing is scripted past `endsAt`. */
  readonly beginsAt: number;
  readonly faultAt: number;
  readonly endsAt: number;
  /** How often every place looks at every target where nothing is wrong, and how long it waits; milliseconds. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly places: readonly Place[];
  readonly targets: readonly Subject[];
  /** Keys of well-known endpoints outside all sites, to be probed like targets. */
  readonly controls: readonly string[];
  /** What the scenario wants called; for the score, not for detectors. */
  readonly cases: readonly Case[];
  /** What may be said of targets no case names, the first being the class they count as; default `alive`. */
  readonly others?: readonly Verdict[];
  /** How often nodes push heartbeats; absent or null where they do not. */
  readonly heartbeatMs?: number | null;
  /** What nodes say of themselves, by arrival. */
  readonly words: readonly Word[];
  /**
   * What a probe begun at `atMs` (virtual epoch milliseconds) from `place` sees of `key`. Pure in seed,
   * scenario, place, key, `atMs` and `timeoutMs`.
   */
  probe(place: string, key: string, atMs: number, timeoutMs: number): Seen;
  /** Whether the place can send probes and run at all at `atMs`. */
  isRunning(place: string, atMs: number): boolean;
  /** Whether what this place sends at `atMs` arrives at its collector. */
  canReport(place: string, atMs: number): boolean;
  /** How long a message between the place and its collector takes at `atMs`, one way; milliseconds. */
  transportMs(place: string, atMs: number): number;
  /** After how long what the place sends its collector at `atMs` arrives once more; undefined or absent where it does not. */
  repeatsAfterMs?(place: string, atMs: number): number | undefined;
  /** Until when the collector stands still and takes nothing; undefined or absent where it does not. */
  heldUntil?(atMs: number): number | undefined;
  /** By how much the place's clock is ahead, milliseconds. */
  skewMs(place: string): number;
  truth(key: string, atMs: number): Truth;
}
