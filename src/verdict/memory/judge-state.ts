/**
 * What the judge remembers. Plain values only: the state is kept as JSON, and judging never changes
 * it in place, so a failed write leaves the old state whole.
 */
import type { KeptTurns } from "../../domain/capacity.ts";
import type { JudgedTarget } from "../../domain/evidence.ts";
import type { Observation } from "../../domain/observation.ts";
import type { Override } from "../../domain/override.ts";
import type { Vantage, VantageState } from "../../domain/vantage.ts";
import type { Advice, Beliefs, Scope, Transition, Verdict } from "../../domain/verdict.ts";
import type { HeartbeatRecord, NoticeRecord } from "./node.ts";

/** Silences between two proofs; `factor`, 0 to 1: the chance that the cause was good all along and explains none of them. */
interface Gap {
  from: number;
  to: number;
  factor: number;
}

export interface Proof {
  /** When an answer last proved the cause good; epoch ms, 0 for never. */
  at: number;
  /** How bad the cause was believed to be when it was last weighed, 0 to 1. */
  badness: number;
  /** The last gap that a fault explains. */
  gap: Gap | null;
}

/** The drill that altered an observation. */
export interface DrillMark {
  id: string;
  /** Whether advice may follow from it as from a real fault. */
  live: boolean;
}

/** One observation, as far as the judge keeps it. */
export interface ObservationRecord extends Omit<Observation, "site" | "target" | "subject"> {
  /** Set where the wait ended before the target's own timeout: until then an answer may still have come. */
  openUntil?: number | undefined;
  /** For a silence: the share lost at its site when it was taken in; absent where nothing was amiss. */
  lost?: number | undefined;
  /** For a silence: how much of it the faults that have ended do not explain, 0 to 1; absent for 1. */
  weight?: number | undefined;
}

/** What one vantage saw of one target, or of its witness. */
export interface Edge {
  /** Oldest first, bounded; the last look of the good time and the first of a trouble are kept while the trouble lasts. */
  recent: ObservationRecord[];
  /** Begin of the newest `ok`. */
  lastOk: number | null;
  /** The shortest healthy connect of late, and how many were measured. */
  connectMs: number | null;
  connects: number;
}

export interface ControlRecord {
  begin: number;
  answered: boolean;
  /** When it last answered; 0 for never. */
  answeredAt: number;
  /** Failures in a row. */
  failures: number;
}

export interface VantageRecord {
  vantage: Vantage;
  state: VantageState;
  /** Why it is not sound; empty when it is. */
  reason: string;
  /** When its newest report arrived, by the aggregator's clock. */
  lastReportAt: number | null;
  lastSequence: number;
  /** When its newest report was made, by the vantage's own clock; epoch milliseconds, 0 for never. */
  madeAt: number;
  colo: string | null;
  controls: ReadonlyMap<string, ControlRecord>;
  reports: number;
  observations: number;
  dropped: number;
  /** How much it sent that it had not been asked for, and when it last did so; epoch milliseconds, oldest first. */
  refused: number;
  refusedAt: readonly number[];
  /** By key, the targets that let in only this vantage, by its own claim: since when, and whether the claim has ceased to count. */
  alone: ReadonlyMap<string, { since: number; isOverruled: boolean }>;
  /** How it keeps up with its schedule; null where it has never reported that. */
  turns: KeptTurns | null;
  /** Proof by any answer at all, from any place. */
  proof: Proof;
  /** Answers missed before this instant were missed while the vantage was not sound itself; NEVER while it is not sound. */
  trustedSince: number;
}

/** A site's links, its own to the world and the paths to it by vantage, and the keys of its targets. */
export interface SiteRecord {
  proof: Proof;
  /** Share of what is sent there that is lost, as last learnt while anything was amiss; null where nothing is amiss. */
  lost: number | null;
  paths: ReadonlyMap<string, Proof>;
  targets: readonly string[];
}

/** What the judge waits for before it can say more of a target. */
export interface Wait {
  /** The rule that waits. */
  rule: string;
  what: string;
  /** The latest end of the wait; epoch milliseconds. */
  until: number;
}

/** The judge's own conclusion, before pauses and an operator's override. */
export interface Standing {
  verdict: Verdict;
  /** The rule that decided. */
  rule: string;
  scope: Scope;
  confirmed: boolean;
  /** Since when the verdict holds unbroken. */
  since: number;
  /** Since when both verdict and confirmation hold. */
  heldSince: number;
  /** Until when the quorum's probes are recent enough for failover; 0 without a quorum. */
  quorumUntil: number;
  because: string;
  routing: Advice["routing"];
  /** Vantages cut off from a target that others reach. */
  cut: string[];
  drill: DrillMark | null;
}

/** What is published: every change of verdict, `confirmed` or advice takes the next sequence. */
export interface Published {
  sequence: number;
  verdict: Verdict;
  rule: string;
  scope: Scope;
  confirmed: boolean;
  confidence: number;
  beliefs: Beliefs;
  because: string;
  since: number;
  lastVerdict: Verdict | null;
  advice: Advice;
  drill: DrillMark | null;
}

export interface TargetState {
  target: JudgedTarget;
  url: string;
  /** Reports made under an older assignment say nothing of this target. */
  version: number;
  createdAt: number;
  edges: ReadonlyMap<string, Edge>;
  witness: ReadonlyMap<string, Edge>;
  /** Proof by any answer at all, to any vantage. */
  proof: Proof;
  /** Begin of the newest `ok` from outside its site, the end of its good time. 0 before the first. */
  okAt: number;
  /** Whether some outside vantage's newest observation is not an `ok`, or was not since the last judgement. */
  troubled: boolean;
  /** As of the last judgement. */
  beliefs: Beliefs;
  /** Begin of the newest observation that ever counted; null before the first. */
  asOf: number | null;
  /** Begin of the first anomaly that is not settled yet. */
  episodeAt: number | null;
  /** Begin of the newest `ok` before the evidence that holds it down; null while it is not held down. */
  downSince: number | null;
  /** Begin of the first `ok` after the last fall. */
  recoveredAt: number | null;
  /** Since when no evidence has been against the target. */
  goodSince: number | null;
  /** When its verdict or its confirmation changed within the last minute. */
  turns: number[];
  /** The name that the evidence gives it now, while that name has yet to last, and since when; null where the target has that name. */
  candidate: { verdict: Verdict; confirmed: boolean; scope: Scope; since: number } | null;
  /** When it fell, within the memory for flaps. */
  falls: number[];
  onceAlive: boolean;
  /** Since when every sound vantage has found it silent. */
  silentAt: number | null;
  /** When time alone may change its standing; NEVER for never, since the state is kept as JSON. */
  nextAt: number;
  /** Routing of the last verdict that held. */
  settledRouting: Advice["routing"];
  standing: Standing;
  /** As of the last judgement; null where that judgement decided. */
  waiting: Wait | null;
  /** Whether its creation is published. The creation is its first transition, so that the history has every sequence that can be read. */
  announced: boolean;
  published: Published;
  /** The bursts asked for in this trouble; `isGrave`: the target is suspected of not serving. */
  bursts: { count: number; lastAt: number; isGrave: boolean };
  override: Override | null;
  /** The boot of its process that the node reported last, and the boots known to be over; oldest first. */
  bootId: string | null;
  pastBoots: string[];
  heartbeat: HeartbeatRecord | null;
  notice: NoticeRecord | null;
}

export interface ShardState {
  vantages: ReadonlyMap<string, VantageRecord>;
  /** By `site/target`. */
  targets: ReadonlyMap<string, TargetState>;
  sites: ReadonlyMap<string, SiteRecord>;
  /** Highest sequence of any removed target: a name used again goes on from there. */
  retiredSequence: number;
  tokens: { level: number; at: number };
  /** When the last judgement was made, and when the judge wakes at the latest; 0 before the first. */
  judgedAt: number;
  wakeAt: number;
  /** The last long time without a judgement, and the vantages that were sound before it; null where none is open. */
  quiet: { from: number; to: number; sound: readonly string[] } | null;
  /** Since when we are back from an absence, and which vantages have yet to report which turn; null without an absence. */
  returned: { since: number; awaited: readonly { vantage: string; dueAt: number }[] } | null;
  /** Since when more than half of all targets are silent and we suspect ourselves. */
  frozenSince: number | null;
}

/** Later than any instant, and unlike Infinity it survives being kept as JSON. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** A transition with the target it belongs to. */
export type Change = { site: string; target: string; transition: Transition };

export const emptyState = (): ShardState => ({
  vantages: new Map(),
  targets: new Map(),
  sites: new Map(),
  retiredSequence: 0,
  tokens: { level: 0, at: 0 },
  judgedAt: 0,
  wakeAt: 0,
  quiet: null,
  returned: null,
  frozenSince: null,
});
