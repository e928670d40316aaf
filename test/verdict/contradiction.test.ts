/**
 * No answer contradicts itself at any instant. Answers are read after every judgement and every second in between, through every kind of
 * fault and the recovery from it.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import { answerOf } from "../../src/verdict/verdict-answer.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { LONG, runs } from "../runs.ts";
import { contradictionsIn, type Stand } from "./contradictions.ts";
import { play, type Script, worlds } from "./happenings.ts";
import { ALL, KEY, SIBLING } from "./look.ts";
import { insiderOf, REGIONS, World } from "./world.ts";

const PLACES = [...REGIONS, "sam", "me"];

/** The vantages that are assigned to a target. */
const standsAt = (key: string, regions: string[], inside: string[]): Stand[] => [
  ...regions.map((id) => ({ id, region: id, inside: false })),
  ...inside
    .filter((site) => key.startsWith(`${site}/`))
    .map((site) => ({ id: insiderOf(site), region: site, inside: true })),
];

/** The contradictions in every target's answer now, one line each. */
const readAll = (world: World, regions: string[], inside: string[]): string[] =>
  [...world.state.targets.keys()].flatMap((key) => {
    const { answer } = answerOf(world.state, key, world.now, TUNING) ?? {};
    if (answer === undefined) return [];
    const lines = contradictionsIn(answer, standsAt(key, regions, inside), world.now);
    return lines.map((line) => `${line}, in ${JSON.stringify(answer)}`);
  });

/** Lets time pass, and throws at the first answer that contradicts itself. */
const watching =
  (regions: string[], inside: string[]) =>
  (world: World): ((forMs: number) => void) => {
    const read = (): void => {
      const [first] = readAll(world, regions, inside);
      if (first !== undefined) throw new Error(first);
    };
    world.onJudged = read;
    return (forMs) => {
      for (const end = world.now + forMs; world.now < end; read())
        world.run(Math.min(1_000, end - world.now));
    };
  };

/** The target hung for the only vantage that counts, and then answered in part. */
const HALF_ANSWERED_AFTER_A_HANG: Script = {
  intervalMs: 5_000,
  regions: ["wnam", "enam", "weur"],
  inside: [],
  outsideProof: false,
  happenings: [
    { key: "fra/db-1", condition: "silent", mute: "wnam", forMs: 100 },
    { key: "fra/db-1", condition: "ok", vantages: ["eeur"], control: ["enam", true], forMs: 1_744 },
    { key: "fra/db-3", condition: "hung", control: ["enam", false], forMs: 102 },
    { key: "fra/db-1", condition: "ok", forMs: 10_218 },
    { key: "fra/db-1", condition: "ok", forMs: 2_361 },
    { key: "fra/db-3", condition: "body", forMs: 4_309 },
    { key: "sto/web-1", condition: "ok", paused: false, forMs: 100 },
  ].map((one) => ({
    vantages: undefined,
    mute: undefined,
    control: undefined,
    witness: undefined,
    paused: undefined,
    ...one,
  })) as Script["happenings"],
};

type Fault = (world: World, regions: string[]) => void;

const half = (regions: string[]): string[] => regions.slice(0, regions.length >> 1);
const site = (world: World, condition: "silent" | "refused"): void => {
  for (const key of [KEY, SIBLING]) world.set(key, condition);
};

const FAULTS: Record<string, Fault> = {
  crash: (world) => world.set(KEY, "refused"),
  "a crash that is told": (world) => {
    world.set(KEY, "refused");
    const notice = { site: "fra", target: "db-1", kind: "crash" as const, bootId: "a", at: world.now };
    world.tell({ kind: "notice", notice: { ...notice, restarting: false } });
  },
  death: (world) => world.set(KEY, "silent"),
  freeze: (world) => world.set(KEY, "hung"),
  "wrong answers": (world) => world.set(KEY, "error"),
  "wrong answers now and then": (world) => world.set(KEY, "half"),
  loss: (world) => world.set(KEY, "lossy"),
  reset: (world) => world.set(KEY, "reset"),
  "endless answers": (world) => world.set(KEY, "body"),
  "one path cut": (world, regions) => world.set(KEY, "silent", regions.slice(0, 1)),
  "half of the paths cut": (world, regions) => world.set(KEY, "silent", half(regions)),
  "all paths cut but one": (world, regions) => world.set(KEY, "silent", regions.slice(1)),
  "cut off from outside": (world) => world.setOutside(KEY, "silent"),
  "refused by half": (world, regions) => world.set(KEY, "refused", half(regions)),
  "site cut": (world) => site(world, "silent"),
  "site refused": (world) => site(world, "refused"),
  "everything silent": (world) => ALL.forEach((key) => world.set(key, "silent")),
  "everything silent to one": (world, regions) =>
    ALL.forEach((key) => world.set(key, "silent", regions.slice(0, 1))),
  "one vantage gone": (world, [first = ""]) => world.mute(first),
  "half of the vantages gone": (world, regions) => half(regions).forEach((id) => world.mute(id)),
  "all vantages gone": (world, regions) => regions.forEach((id) => world.mute(id)),
  "death, and half of the vantages gone": (world, regions) => {
    half(regions).forEach((id) => world.mute(id));
    world.set(KEY, "silent");
  },
  pause: (world) => world.configure(KEY, { paused: true }),
  "paths cut in a rehearsal": (world, regions) => {
    world.markDrill({ id: "drill-1", live: false });
    world.set(KEY, "silent", half(regions));
  },
  "paths cut under an operator's word": (world, regions) => {
    const override = { advice: { routing: "serve" as const }, reason: "work", until: world.now + 20_000 };
    world.tell({ kind: "override", site: "fra", target: "db-1", override });
    world.set(KEY, "silent", half(regions));
  },
};

const recover: Fault = (world, regions) => {
  for (const key of ALL) world.set(key, "ok");
  for (const id of regions) world.mute(id, false);
  world.configure(KEY, { paused: false });
};

describe("an answer never contradicts itself", () => {
  const rows = [3, 5, 7, 9].flatMap((count) => [5, 10, 30].map((seconds) => [count, seconds] as const));

  it.each(rows)("with %i vantages each %i s, through every fault and out of it", (count, seconds) => {
    const [regions, intervalMs] = [PLACES.slice(0, count), 1_000 * seconds];
    // A short run takes every other fault, in turns, so that each fault meets every number of vantages and every interval.
    const turn = rows.findIndex((row) => row[0] === count && row[1] === seconds) % 2;
    Object.entries(FAULTS).forEach(([name, fault], index) => {
      if (!LONG && index % 2 !== turn) return;
      for (const inside of LONG ? [[], ["fra"]] : [index % 2 === (count % 4) >> 1 ? [] : ["fra"]]) {
        const world = new World({ intervalMs, regions, inside, asText: false });
        const pass = watching(regions, inside)(world);
        try {
          for (const key of ALL) world.place(key);
          pass(1.1 * intervalMs);
          fault(world, regions);
          pass(LONG ? Math.max(30_000, 5 * intervalMs) : Math.max(15_000, 2 * intervalMs));
          recover(world, regions);
          pass(LONG ? Math.max(30_000, 4 * intervalMs) : 1.2 * intervalMs);
        } catch (error) {
          throw new Error(`${name}, ${(world.now - 1_800_000_000_000) / 1_000} s in`, { cause: error });
        }
      }
    });
  });

  it("whatever happens", () => {
    fc.assert(
      fc.property(worlds, (script) => {
        const { regions, inside } = script;
        play(script, { asText: false, watch: watching(regions, inside) });
      }),
      { numRuns: runs(100), examples: [[HALF_ANSWERED_AFTER_A_HANG]] },
    );
  });
});
