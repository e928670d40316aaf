/** The fault of each round: all of it follows from a seed. */
import { Draw, nameOf } from "../sim/draw.ts";

export const MEMBERS = ["fra-1", "fra-2", "ams-1"] as const;
export type Member = (typeof MEMBERS)[number];

/** The part of a member that a fault hits. */
export type Part = "agent" | "guard" | "register" | "all";
const PARTS: readonly Part[] = ["agent", "guard", "register", "all"];
/** The peers from which a member is cut off. */
export type From = "all" | "detector" | "store" | "members";
const FROM: readonly From[] = ["all", "detector", "store", "members"];

export type Fault =
  | { kind: "cut"; from: From }
  | { kind: "kill"; part: Part }
  | { kind: "freeze"; part: Part }
  | { kind: "clock"; of: "agent"; shiftMs: number }
  | { kind: "clock"; of: "detector"; shiftMs: number }
  | { kind: "detector"; how: "killed" | "frozen" }
  /** An operator makes another member lead while the leader does not learn of it: with an advisory lease the leader goes on. */
  | { kind: "switch"; while: "cut" | "frozen" };

export interface Round {
  number: number;
  fault: Fault;
  /** The member that a fault hits, if it hits one: the current leader, or this member. */
  victim: "leader" | Member;
  lastsMs: number;
  /** Quiet time afterwards, so that the next fault falls on any moment. */
  quietMs: number;
}

export const LEASE_MS = 3_000;
const STEP_MS = 5_000;
/** Long enough for a lease to run out and a successor to ask, and often too short for that. */
const LEAST_MS = 1_500;
const MOST_MS = 9_000;
/** A pause of up to two leases. */
const MOST_FREEZE_MS = 2 * LEASE_MS;
/** Until a switch has waited for the lease of a leader that cannot be reached, and the next one leads. */
const LEAST_SWITCH_MS = 2 * LEASE_MS;
const LEAST_QUIET_MS = 3_000;
const MOST_QUIET_MS = 6_000;
const HITS_THE_LEADER = 0.7;

/** Each kind is as likely as it has parts, except the rarer ones. */
const drawFault = (draw: Draw): Fault => {
  const shiftMs = draw.pick([-STEP_MS, STEP_MS]);
  const faults: (() => Fault)[] = [
    () => ({ kind: "cut", from: draw.pick(FROM) }),
    () => ({ kind: "cut", from: draw.pick(FROM) }),
    () => ({ kind: "kill", part: draw.pick(PARTS) }),
    () => ({ kind: "kill", part: draw.pick(PARTS) }),
    () => ({ kind: "freeze", part: draw.pick(PARTS) }),
    () => ({ kind: "freeze", part: draw.pick(PARTS) }),
    () => ({ kind: "clock", of: "agent", shiftMs }),
    () => ({ kind: "clock", of: "detector", shiftMs }),
    () => ({ kind: "detector", how: draw.pick(["killed", "frozen"]) }),
    () => ({ kind: "switch", while: draw.pick(["cut", "frozen"]) }),
    () => ({ kind: "switch", while: draw.pick(["cut", "frozen"]) }),
  ];
  return draw.pick(faults)();
};

/** Round n is the same however many rounds there are. */
export const drawRounds = (seed: number, count: number): Round[] =>
  Array.from({ length: count }, (_, index) => {
    const draw = new Draw(nameOf(seed, index));
    const fault = drawFault(draw);
    const least = fault.kind === "switch" ? LEAST_SWITCH_MS : LEAST_MS;
    const most = fault.kind === "freeze" ? MOST_FREEZE_MS : MOST_MS;
    return {
      number: index + 1,
      fault,
      victim: fault.kind === "switch" || draw.isHit(HITS_THE_LEADER) ? "leader" : draw.pick(MEMBERS),
      lastsMs: Math.round(draw.between(least, most)),
      quietMs: Math.round(draw.between(LEAST_QUIET_MS, MOST_QUIET_MS)),
    };
  });

export const wordsOf = (fault: Fault): string => {
  if (fault.kind === "cut")
    return `cut from ${fault.from === "members" ? "the others" : fault.from === "all" ? "all" : `the ${fault.from}`}`;
  if (fault.kind === "kill") return `kill -9 of ${fault.part}`;
  if (fault.kind === "freeze") return `SIGSTOP of ${fault.part}`;
  if (fault.kind === "clock")
    return `${fault.of}'s clock ${fault.shiftMs > 0 ? "+" : "-"}${Math.abs(fault.shiftMs) / 1_000} s`;
  if (fault.kind === "switch")
    return `switch while ${fault.while === "cut" ? "cut from the detector" : "stopped"}`;
  return `detector ${fault.how}`;
};
