import type { Conditions } from "./condition.ts";
import type { Reaction } from "./exchange.ts";
import type { Backend, TargetFault } from "./fault.ts";

/** Something that can be probed. */
export interface Endpoint {
  index: number;
  /** The target whose faults it shares; empty for a control. */
  key: string;
  site: string;
  isWitness: boolean;
}

/** Of what a gray node answers amiss: this share is wrong, half of the rest broken off, half never comes. */
const WRONG_SHARE = 0.6;
const BROKEN_SHARE = 0.8;

/** What the node does with a packet that reaches it at `at`. `roll`, 0 to 1, is one probe's luck with a gray node. */
export const reactionOf = (
  conditions: Conditions,
  { key, site, isWitness }: Endpoint,
  at: number,
  serviceMs: number,
  roll: number,
): Reaction => {
  if (conditions.ofSite(site, at)?.state === "dead") return { does: "nothing" };
  const fault = conditions.ofTarget(key, at);
  if (isWitness && fault?.state !== "dead") return secondPort(conditions, key, at, serviceMs);
  if (fault === undefined) return answer(serviceMs, false);
  switch (fault.state) {
    case "dead":
      return fault.isProxied === true && !isWitness ? answer(serviceMs, true) : { does: "nothing" };
    case "crashed":
      return { does: "refuse", afterMs: 0.1 };
    case "hung":
      return at < fault.backlogFullAt ? { does: "hold" } : { does: "nothing" };
    default:
      return ailing(fault, at, serviceMs, roll);
  }
};

/** The second port of a host that lives. */
const secondPort = (conditions: Conditions, key: string, at: number, serviceMs: number): Reaction => {
  const fault = conditions.ofWitness(key, at);
  if (fault === undefined) return answer(serviceMs, false);
  return fault.state === "rejected" ? { does: "refuse", afterMs: 0.1 } : { does: "nothing" };
};

/** A process that runs, and not as it should. */
const ailing = (fault: TargetFault, at: number, serviceMs: number, roll: number): Reaction => {
  switch (fault.state) {
    case "gray":
      return amiss(fault, serviceMs, roll);
    case "slow":
      return answer(fault.answerMs + serviceMs, false);
    case "paused":
      return answer(fault.to - at + serviceMs, false);
    case "full":
      return roll < fault.share ? { does: "break", afterMs: 0.1 } : answer(serviceMs, false);
    case "mixed":
      return backend(fault.parts[Math.floor(roll * fault.parts.length)], serviceMs);
    default:
      return answer(serviceMs, false);
  }
};

const backend = (part: Backend | undefined, serviceMs: number): Reaction => {
  switch (part) {
    case "refuses":
      return { does: "refuse", afterMs: 0.1 };
    case "silent":
      return { does: "nothing" };
    case "holds":
      return { does: "hold" };
    default:
      return answer(serviceMs, part === "wrong");
  }
};

const answer = (afterMs: number, isWrong: boolean): Reaction => ({ does: "answer", afterMs, isWrong });

const amiss = (
  { share }: Extract<TargetFault, { state: "gray" }>,
  serviceMs: number,
  roll: number,
): Reaction => {
  if (roll >= share) return answer(serviceMs, false);
  if (roll < WRONG_SHARE * share) return answer(serviceMs, true);
  return roll < BROKEN_SHARE * share ? { does: "break", afterMs: serviceMs } : { does: "hold" };
};
