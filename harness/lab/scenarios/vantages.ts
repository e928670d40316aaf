import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../../scripts/until.ts";
import type { VantageAnswer } from "../../../src/domain/vantage.ts";
import { filterOn } from "../fault.ts";
import { type Expected, meeting, type Scenario } from "../scenario.ts";
import { addressOf, CONTROL_ADDRESSES, CORE, DETECTOR, REMOTE_IDS } from "../topology.ts";
import { TIMES } from "../../world/world.ts";
import { CONTROL_PORT, FRA_2, KEYS, type World } from "../world.ts";

const UNMOVED: Expected = {
  verdicts: ["alive"],
  up: [200],
  avoid: [409],
  failover: 409,
  kind: "stay",
  withinMs: 5_000,
};

const vantageOf = async ({ detector }: World, id: string): Promise<VantageAnswer> => {
  const found = (await detector.api.vantages()).find((vantage) => vantage.id === id);
  if (found === undefined) throw new Error(`the detector does not know ${id}`);
  return found;
};

/** Waits until the detector reports a vantage in one of these states; returns what is wrong if it does not. */
const becomes = async (world: World, id: string, states: readonly string[]): Promise<string[]> => {
  let last = "";
  try {
    await until(
      async () => {
        last = (await vantageOf(world, id)).state;
        return states.includes(last);
      },
      { withinMs: 40_000, explain: () => `${id} is ${last}, not ${states.join(" or ")}` },
    );
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
};

const fromVantage = (id: string): string => `ip saddr ${addressOf(id)}`;
const toVantage = (id: string): string => `ip daddr ${addressOf(id)}`;

export const VANTAGE_CUT: Scenario = {
  name: "vantage-cut",
  truth: "one vantage is cut from everything but the detector",
  why: "its controls are silent too: it is itself the anomaly",
  lane: "alone",
  stage: (world, choice) => {
    const id = choice.pick(["r3", "r1", "r5"]);
    const detector = addressOf(DETECTOR);
    const rules = [
      `${fromVantage(id)} ip daddr != ${detector} drop`,
      `${toVantage(id)} ip saddr != ${detector} drop`,
    ];
    return {
      key: FRA_2,
      fault: filterOn(CORE, { forward: rules, input: rules, output: rules }),
      proof: [
        ...KEYS.flatMap((key) => meeting(world, [id], key, "silent")),
        ...CONTROL_ADDRESSES.map((to) => ({ from: id, to, port: CONTROL_PORT, meets: ["silent"] as const })),
        ...meeting(
          world,
          REMOTE_IDS.filter((other) => other !== id),
          FRA_2,
          "answers",
        ),
      ],
      expected: UNMOVED,
      note: `; ${id} faulty`,
      during: () => becomes(world, id, ["faulty"]),
    };
  },
};

export const VANTAGE_GONE: Scenario = {
  name: "vantage-gone",
  truth: "one vantage is cut from everything, the detector too",
  why: "nothing is heard of it, and nothing is concluded from that",
  lane: "alone",
  stage: (world, choice) => {
    const id = choice.pick(["r4", "r2", "r1"]);
    const rules = [`${fromVantage(id)} drop`, `${toVantage(id)} drop`];
    return {
      key: FRA_2,
      fault: filterOn(CORE, { forward: rules, input: rules, output: rules }),
      proof: meeting(world, [id], FRA_2, "silent"),
      expected: UNMOVED,
      note: `; ${id} silent`,
      during: () => becomes(world, id, ["silent"]),
    };
  },
};

/** How long the vantage cannot report: long enough to be called silent, and for several rounds to pile up. */
const UNREPORTED_MS = 25_000;

export const VANTAGE_UNHEARD: Scenario = {
  name: "vantage-unheard",
  truth: "one vantage is cut from the detector only",
  why: "what it saw arrives late and is counted by when it was seen",
  lane: "alone",
  stage: (world, choice) => {
    const id = choice.pick(["r5", "r2", "r4"]);
    const detector = addressOf(DETECTOR);
    const rules = [
      `${fromVantage(id)} ip daddr ${detector} drop`,
      `${toVantage(id)} ip saddr ${detector} drop`,
    ];
    const fault = filterOn(CORE, { forward: rules });
    let [before, sequences]: [number, number[]] = [0, []];
    const sequencesNow = (): number[] => world.watch.targets.map(({ last }) => last?.sequence ?? 0);
    return {
      key: FRA_2,
      fault,
      proof: [
        { from: id, to: detector, port: world.detector.port, meets: ["silent"] },
        ...meeting(world, [id], FRA_2, "answers"),
      ],
      expected: UNMOVED,
      note: `; ${id}'s counted late`,
      during: async (begin) => {
        before = (await vantageOf(world, id)).counts.observations;
        sequences = sequencesNow();
        await wait(begin + UNREPORTED_MS - Date.now());
        return [];
      },
      after: async () => {
        // One look at each target per interval, for as long as the vantage could not report.
        const seen = Math.floor(UNREPORTED_MS / TIMES.intervalMs) * KEYS.length;
        const { counts } = await vantageOf(world, id);
        const wrong: string[] = [];
        if (counts.observations - before < seen)
          wrong.push(`only ${counts.observations - before} observations of ${id} arrived, not ${seen}`);
        if (counts.dropped > 0) wrong.push(`${id} dropped ${counts.dropped} observations`);
        if (sequencesNow().join() !== sequences.join()) wrong.push("there were transitions");
        return wrong;
      },
    };
  },
};
