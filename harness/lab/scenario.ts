import type { Key } from "../../scripts/detector-api.ts";
import type { Scope, Verdict, VerdictAnswer } from "../../src/domain/verdict.ts";
import type { Fault } from "./fault.ts";
import type { Touch } from "./feel.ts";
import type { Host } from "./topology.ts";
import { nameOf } from "../world/world.ts";
import { machineOf, type World } from "./world.ts";

/** Who is hit: the first by default, anyone by chance under `--full`. */
export interface Choice {
  pick: <T>(things: readonly T[]) => T;
  sample: <T>(things: readonly T[], count: number) => T[];
}

export const FIRST: Choice = {
  pick: (things) => {
    const [first] = things;
    if (first === undefined) throw new Error("nothing to pick from");
    return first;
  },
  sample: (things, count) => things.slice(0, count),
};

/** What a real connection must meet while the fault is in force: proof that it is. */
export interface Proof {
  from: Host;
  to: string;
  port: number;
  meets: readonly Touch[];
}

/** The verdicts that are right, and what the checks may say with them. */
export interface Expected {
  verdicts: readonly Verdict[];
  confirmed?: boolean;
  scope?: Scope;
  up: readonly number[];
  avoid: readonly number[];
  /** 409: nothing may ever be advised, nor a death or crash be confirmed, for as long as the fault lasts. */
  failover: 200 | 409;
  /** `reach`: it must be so within this time and then hold; `stay`: it must be so at every moment of it. */
  kind: "reach" | "stay";
  withinMs: number;
}

/** A scenario with its victims chosen. */
export interface Staged {
  key: Key;
  fault: Fault;
  proof: readonly Proof[];
  expected: Expected;
  /** What other targets may be held to be meanwhile, by name. Those not named must stay alive. */
  others?: Readonly<Record<string, readonly Verdict[]>>;
  /** What else is found where all is right, for people. */
  note?: string;
  /** What else happens while the fault lasts, and what must hold then: what does not, a sentence each. */
  during?: (begin: number) => Promise<string[]>;
  /** What must hold once all is well again. */
  after?: (begin: number) => Promise<string[]>;
}

export interface Scenario {
  name: string;
  /** What is really so. */
  truth: string;
  /** Why the expected verdicts are right, where that is not plain. */
  why: string;
  /** The site it keeps to, so that another may run beside it in the other; `alone` where it does not. */
  lane: "fra" | "ams" | "alone";
  stage: (world: World, choice: Choice) => Staged;
}

/** The same fault, known to the lab's truth about that target. */
export const deadly = (world: World, keys: readonly Key[], fault: Fault): Fault => {
  const truths = keys.map((key) => world.watch.of(key).truth);
  return {
    apply: async () => {
      await fault.apply();
      for (const truth of truths) truth.died(Date.now());
    },
    undo: async () => {
      await fault.undo();
      for (const truth of truths) truth.revived(Date.now());
    },
  };
};

/** What each of these vantages meets at a target's service. */
export const meeting = (
  world: World,
  vantages: readonly Host[],
  key: Key,
  ...meets: readonly Touch[]
): Proof[] => {
  const { service, address } = machineOf(world, key);
  return vantages.map((from) => ({ from, to: address, port: service.port, meets }));
};

/** The same for all of some targets. */
export const named = (
  keys: readonly Key[],
  ...verdicts: readonly Verdict[]
): Record<string, readonly Verdict[]> => Object.fromEntries(keys.map((key) => [nameOf(key), verdicts]));

const DEATHS: readonly Verdict[] = ["process_crashed", "node_dead"];

/** Confirmed to be gone, or advised to be replaced. */
export const condemns = ({ verdict, confirmed, advice }: VerdictAnswer): boolean =>
  advice.failover || (confirmed && DEATHS.includes(verdict));

/** Whether a verdict is one of those expected. */
export const meets = (verdict: VerdictAnswer, expected: Expected): boolean =>
  expected.verdicts.includes(verdict.verdict) &&
  (expected.confirmed === undefined || verdict.confirmed === expected.confirmed) &&
  (expected.scope === undefined || verdict.scope === expected.scope) &&
  verdict.advice.failover === (expected.failover === 200);
