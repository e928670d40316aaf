import type { JudgedTarget } from "../../domain/evidence.ts";
import type { Advice, Beliefs } from "../../domain/verdict.ts";
import { UNPROVEN } from "./proof.ts";
import type { Published, Standing, TargetState } from "./state.ts";

/** Beliefs about a target nobody has looked at. */
export const NOTHING_KNOWN: Beliefs = { up: 1, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0 };
const NOTHING_SEEN = "nothing has been observed yet";

const firstStanding = (now: number): Standing => ({
  verdict: "unknown",
  rule: "new",
  scope: "target",
  confirmed: false,
  since: now,
  heldSince: now,
  quorumUntil: 0,
  because: NOTHING_SEEN,
  routing: "serve",
  cut: [],
  drill: null,
});

const firstAdvice: Advice = { routing: "serve", regions: {}, failover: false, reason: NOTHING_SEEN };

/**
 * A target nobody has looked at. `sequence` is the highest its name may have used before; its
 * first transition, the target's creation, is published by the next judgement.
 */
export const newTarget = (
  target: JudgedTarget,
  url: string,
  version: number,
  sequence: number,
  now: number,
): TargetState => ({
  target,
  url,
  version,
  createdAt: now,
  edges: new Map(),
  witness: new Map(),
  proof: UNPROVEN,
  troubled: false,
  beliefs: NOTHING_KNOWN,
  asOf: null,
  episodeAt: null,
  downSince: null,
  recoveredAt: null,
  goodSince: null,
  falls: [],
  onceAlive: false,
  silentAt: null,
  nextAt: now,
  settledRouting: "serve",
  standing: firstStanding(now),
  waiting: null,
  announced: false,
  published: firstPublished(sequence, now),
  bursts: { count: 0, lastAt: 0, isGrave: false },
  override: null,
  bootId: null,
  pastBoots: [],
  heartbeat: null,
  notice: null,
});

const firstPublished = (sequence: number, now: number): Published => ({
  sequence,
  verdict: "unknown",
  rule: "new",
  scope: "target",
  confirmed: false,
  confidence: 0,
  beliefs: NOTHING_KNOWN,
  because: NOTHING_SEEN,
  since: now,
  lastVerdict: null,
  advice: firstAdvice,
  drill: null,
});
