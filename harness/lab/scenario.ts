import type { Key } from "../../scripts/detector-api.ts";
import type { Scope, Verdict, VerdictAnswer } from "../../src/domain/verdict.ts";
import type { Fault } from "./fault.ts";
import type { Touch } from "./feel.ts";
import type { Host } from "./topology.ts";
import { nameOf } from "../world/world.ts";
import { machineOf, type World } from "./world.ts";

/** The choice of the victim: the first by default, any by chance under `--full`. */
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

/** What a real connection must meet while the fault is in force: proof that the fault works. */
export interface Proof {
  from: Host;
  to: string;
  port: number;
  meets: readonly Touch[];
}

/** The right verdicts, and the answers that the checks may give with them. */
export interface Expected {
  verdicts: readonly Verdict[];
  confirmed?: boolean;
  scope?: Scope;
  up: readonly number[];
  avoid: readonly number[];
  /** 409: as long as the fault lasts, failover may never be advised, and no death or crash confirmed. */
  failover: 200 | 409;
  /** `reach`: it must become true within this time and then hold; `stay`: it must be true at every moment of it. */
  kind: "reach" | "stay";
  withinMs: number;
}

/** A scenario with its victims chosen. */
export interface Staged {
  key: Key;
  fault: Fault;
  proof: readonly Proof[];
  expected: Expected;
  /** Verdicts that other targets may have meanwhile, by name. Targets that are not named must stay alive. */
  others?: Readonly<Record<string, readonly Verdict[]>>;
  /** A further finding if all is right, for people. */
  note?: string;
  /** Further events during the fault, and what must hold then: returns a sentence for each thing that does not. */
  during?: (begin: number) => Promise<string[]>;
  /** What must hold once all is well again. */
  after?: (begin: number) => Promise<string[]>;
}

export interface Scenario {
  name: string;
  /** What really happens. */
  truth: string;
  /** Why the expected verdicts are right, if that is not obvious. */
  why: string;
  /** The site to which the scenario is limited, so that another may run beside it in the other site; `alone` if it is not. */
  lane: "fra" | "ams" | "alone";
  stage: (world: World, choice: Choice) => Staged;
}

/** The same fault, recorded in the lab's truth about these targets. */
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

/** The proofs that each of these vantages meets this at a target's service. */
export const meeting = (
  world: World,
  vantages: readonly Host[],
  key: Key,
  ...meets: readonly Touch[]
): Proof[] => {
  const { service, address } = machineOf(world, key);
  return vantages.map((from) => ({ from, to: address, port: service.port, meets }));
};

/** The same verdicts for all of these targets. */
export const named = (
  keys: readonly Key[],
  ...verdicts: readonly Verdict[]
): Record<string, readonly Verdict[]> => Object.fromEntries(keys.map((key) => [nameOf(key), verdicts]));

const DEATHS: readonly Verdict[] = ["process_crashed", "node_dead"];

/** Whether the target is confirmed to be gone, or failover is advised. */
export const condemns = ({ verdict, confirmed, advice }: VerdictAnswer): boolean =>
  advice.failover || (confirmed && DEATHS.includes(verdict));

/** Whether a verdict is one of those expected. */
export const meets = (verdict: VerdictAnswer, expected: Expected): boolean =>
  expected.verdicts.includes(verdict.verdict) &&
  (expected.confirmed === undefined || verdict.confirmed === expected.confirmed) &&
  (expected.scope === undefined || verdict.scope === expected.scope) &&
  verdict.advice.failover === (expected.failover === 200);
