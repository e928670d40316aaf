import type { Verdict } from "../../src/domain/verdict.ts";
import type { Key } from "../detector-api.ts";
import { nameOf } from "../../harness/world/world.ts";
import { allWell, cut, KEYS, type World } from "./world.ts";

export type ProcessStepName =
  | "healthy"
  | "killed"
  | "revived"
  | "frozen"
  | "thawed"
  | "failing"
  | "answering";
export type CutStepName = "partitioned" | "silent" | "site" | "vantage" | "well";
/** The name of a step: the tour has a lesson for each. */
export type StepName = ProcessStepName | CutStepName;

/** One event in the world, and what the detector must report about it. */
export interface Step {
  name: StepName;
  title: string;
  /** What is really the case: the ground truth. */
  truth: string;
  key: Key;
  cause: (world: World) => Promise<void>;
  /** The right verdicts, with the values that belong to them. */
  expected: { verdict: Verdict; confirmed?: boolean; scope?: "site" | "target"; cutFrom?: string[] };
  up: 200 | 503;
  failover: 200 | 409;
  withinMs: number;
  /** A further requirement, for the table's note; undefined while it is not met. */
  also?: (world: World) => Promise<string | undefined>;
  /** A recovery follows a failover advice, which ends with the first answer: until then it may still stand. */
  withdraws?: boolean;
  /** Repairs that are needed before the next step. */
  after?: (world: World, tell: (ills: string) => void) => Promise<void>;
}

const SIMULATED = "simulated at the vantage by a drill: dropping packets would need root";
export const SOME = ["enam", "wnam"];
export const BROKEN = "oc";

/** Functions that end running drills, by the step that began them. */
const mends: (() => Promise<void>)[] = [];
const mend: Step["after"] = async (world, tell) => {
  for (const end of mends.splice(0)) await end();
  await allWell(world, tell);
};

/** Sequences of all nodes before the broken vantage: none of them may move. */
let sequences: number[] = [];
const readSequences = async ({ detector }: World): Promise<number[]> =>
  Promise.all(Object.values(KEYS).map(async (key) => (await detector.api.verdict(key)).sequence));

const processSteps: Step[] = [
  {
    name: "healthy",
    title: "healthy",
    truth: "four processes answer",
    key: KEYS.db1,
    cause: async () => undefined,
    expected: { verdict: "alive" },
    up: 200,
    failover: 409,
    withinMs: 30_000,
    also: (world) => allWell(world).then(() => "all 4 alive"),
  },
  {
    name: "killed",
    title: `kill -9 ${nameOf(KEYS.db1)}`,
    truth: "process gone, host answers",
    key: KEYS.db1,
    cause: ({ nodes }) => nodes.db1.kill(),
    expected: { verdict: "process_crashed", confirmed: true },
    up: 503,
    failover: 200,
    withinMs: 6_000,
  },
  {
    name: "revived",
    title: `revive ${nameOf(KEYS.db1)}`,
    truth: "same port, new process",
    key: KEYS.db1,
    cause: ({ nodes }) => nodes.db1.revive(),
    expected: { verdict: "alive" },
    up: 200,
    failover: 409,
    withinMs: 20_000,
    withdraws: true,
  },
  {
    name: "frozen",
    title: `freeze ${nameOf(KEYS.web1)}`,
    truth: "SIGSTOP: accepts, never answers",
    key: KEYS.web1,
    cause: async ({ nodes }) => nodes.web1.freeze(),
    expected: { verdict: "process_hung" },
    up: 503,
    failover: 409,
    withinMs: 8_000,
  },
  {
    name: "thawed",
    title: `thaw ${nameOf(KEYS.web1)}`,
    truth: "SIGCONT: answers again",
    key: KEYS.web1,
    cause: async ({ nodes }) => nodes.web1.thaw(),
    expected: { verdict: "alive" },
    up: 200,
    failover: 409,
    withinMs: 20_000,
  },
  {
    name: "failing",
    title: `500 from ${nameOf(KEYS.web2)}`,
    truth: "answers every request with 500",
    key: KEYS.web2,
    cause: ({ nodes }) => nodes.web2.mode("error"),
    expected: { verdict: "gray" },
    up: 503,
    failover: 409,
    withinMs: 10_000,
  },
  {
    name: "answering",
    title: `${nameOf(KEYS.web2)} answers 200`,
    truth: "answers as expected again",
    key: KEYS.web2,
    cause: ({ nodes }) => nodes.web2.mode("ok"),
    expected: { verdict: "alive" },
    up: 200,
    failover: 409,
    withinMs: 20_000,
  },
];

const cutSteps: Step[] = [
  {
    name: "partitioned",
    title: `some vantages cut from ${nameOf(KEYS.db2)}`,
    truth: `${SOME.join(" and ")} cut off (${SIMULATED})`,
    key: KEYS.db2,
    cause: async (world) => void mends.push(await cut(world, [{ ...KEYS.db2, vantages: SOME }])),
    expected: { verdict: "partitioned", cutFrom: SOME },
    up: 200,
    failover: 409,
    withinMs: 15_000,
    also: async ({ detector }) => {
      const [cutOff, other] = await Promise.all([
        detector.api.check(KEYS.db2, "up", `?from=${SOME[0]}`),
        detector.api.check(KEYS.db2, "up", "?from=weur"),
      ]);
      return cutOff === 503 && other === 200 ? `/up?from=${SOME[0]} 503, ?from=weur 200` : undefined;
    },
    after: mend,
  },
  {
    name: "silent",
    title: `all vantages cut from ${nameOf(KEYS.db1)}`,
    truth: `node silent, sibling answers (${SIMULATED})`,
    key: KEYS.db1,
    cause: async (world) => void mends.push(await cut(world, [KEYS.db1])),
    expected: { verdict: "node_dead", confirmed: false, scope: "target" },
    up: 503,
    failover: 409,
    withinMs: 15_000,
    also: async ({ detector }) =>
      (await detector.api.verdict(KEYS.db2)).verdict === "alive"
        ? `${nameOf(KEYS.db2)} stays alive`
        : undefined,
    after: mend,
  },
  {
    name: "site",
    title: "site ams cut off",
    truth: `both its nodes silent (${SIMULATED})`,
    key: KEYS.web1,
    cause: async (world) => void mends.push(await cut(world, [{ site: "ams" }])),
    expected: { verdict: "unreachable", scope: "site" },
    up: 503,
    failover: 409,
    withinMs: 15_000,
    also: async ({ detector }) => {
      const { verdict, scope } = await detector.api.verdict(KEYS.web2);
      return verdict === "unreachable" && scope === "site" ? `${nameOf(KEYS.web2)} too` : undefined;
    },
    after: mend,
  },
  {
    name: "vantage",
    title: `vantage ${BROKEN} broken`,
    truth: `it hears nothing from any site (${SIMULATED})`,
    key: KEYS.db2,
    cause: async (world) => {
      sequences = await readSequences(world);
      const sites = [...new Set(Object.values(KEYS).map(({ site }) => site))];
      mends.push(
        await cut(
          world,
          sites.map((site) => ({ site, vantages: [BROKEN] })),
        ),
      );
    },
    expected: { verdict: "alive" },
    up: 200,
    failover: 409,
    withinMs: 25_000,
    also: async (world) => {
      const vantage = (await world.detector.api.vantages()).find(({ id }) => id === BROKEN);
      const unmoved = (await readSequences(world)).every((one, index) => one === sequences[index]);
      return vantage?.state === "faulty" && unmoved ? `${BROKEN} faulty, no verdict moved` : undefined;
    },
  },
  {
    name: "well",
    title: "all well",
    truth: "no drill runs, four processes answer",
    key: KEYS.db1,
    cause: async () => {
      for (const end of mends.splice(0)) await end();
    },
    expected: { verdict: "alive" },
    up: 200,
    failover: 409,
    withinMs: 40_000,
    also: (world) => allWell(world).then(() => "all 4 alive, 7 vantages sound"),
  },
];

export const STEPS: Step[] = [...processSteps, ...cutSteps];
