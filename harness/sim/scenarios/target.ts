/** Trouble of one node, or of several. */
import type { Verdict } from "../../../src/domain/verdict.ts";
import type { TargetFault } from "../fault.ts";
import type { Scenario, Script, Stage } from "../scenario.ts";

/** A fault's own part, without its target and its time. */
type Part<F> = F extends TargetFault ? Omit<F, "on" | "key" | "from" | "to"> : never;

export const anyKey = (stage: Stage): string => stage.draw.pick(stage.keysOf(stage.draw.pick(stage.sites)));

export const befall = (
  key: string,
  part: Part<TargetFault>,
  expected: readonly Verdict[],
  from: number,
  to: number,
): Script => ({
  faults: [{ on: "target", key, from, to, ...part } as TargetFault],
  cases: [{ key, from, to, expected }],
});

/** One target, from the first instant to the last. */
export const one =
  (part: (stage: Stage) => Part<TargetFault>, expected: readonly Verdict[]) =>
  (stage: Stage): Script =>
    befall(anyKey(stage), part(stage), expected, stage.from, stage.to);

export const joined = (scripts: Script[]): Script => ({
  faults: scripts.flatMap(({ faults }) => faults),
  cases: scripts.flatMap(({ cases }) => cases),
});

/** Every process of a site refuses in turn for 2 to 4 s, and is back. */
export const restartsInTurn = (stage: Stage): Script => {
  const keys = stage.keysOf(stage.draw.pick(stage.sites));
  return joined(
    keys.map((key, rank) => {
      const from = stage.from + rank * 8_000;
      const to = from + stage.draw.between(2_000, 4_000);
      return { ...befall(key, { state: "crashed" }, [], from, to), cases: [] };
    }),
  );
};

export const hung = (stage: Stage, fullAfterMs: number): Part<TargetFault> => ({
  state: "hung",
  backlogFullAt: stage.from + fullAfterMs,
});

const gray = (percent: number): Scenario => ({
  name: `gray-${percent}`,
  about: `${percent} % of one target's answers are wrong, broken off or do not come`,
  script: one(() => ({ state: "gray", share: percent / 100 }), ["gray"]),
});

export const crash = one(() => ({ state: "crashed" }), ["process_crashed"]);
export const death = one(() => ({ state: "dead" }), ["node_dead"]);

export const TARGET_SCENARIOS: readonly Scenario[] = [
  { name: "none", about: "nothing is wrong", script: () => ({ faults: [], cases: [] }) },
  { name: "crash", about: "one process crashes, its host refuses for it", script: crash },
  {
    name: "crash-notice",
    about: "the same, and a supervisor on the host tells of it",
    layout: { hasNotices: true },
    script: crash,
  },
  {
    name: "restart",
    about: "one process crashes and is back within 5 s",
    lastsMs: 5_000,
    script: (stage) => {
      const to = stage.from + stage.draw.between(1_000, 5_000);
      const script = befall(anyKey(stage), { state: "crashed" }, ["process_crashed"], stage.from, to);
      // It may be called or missed: what counts is that it is up again soon.
      return { faults: script.faults, cases: [] };
    },
  },
  { name: "death", about: "one host dies; nobody looks from inside its site", script: death },
  {
    name: "death-inside",
    about: "one host dies, and a vantage stands inside its site",
    layout: { hasInside: true },
    script: death,
  },
  {
    name: "hang",
    about: "one process freezes with its port open",
    script: one((stage) => hung(stage, 3_600_000), ["process_hung"]),
  },
  {
    name: "hang-long",
    about: "one process freezes, and after 15 to 30 s its listen backlog is full",
    lastsMs: 90_000,
    script: one((stage) => hung(stage, stage.draw.between(15_000, 30_000)), ["process_hung"]),
  },
  {
    name: "host-cut",
    about: "one host is cut off alone from outside, and runs",
    // From outside this is a dead host; only `confirmed` would be wrong.
    script: one(() => ({ state: "cut" }), ["unreachable", "node_dead", "isolated"]),
  },
  {
    name: "host-cut-heartbeats",
    about: "the same, and its heartbeats arrive",
    layout: { heartbeatMs: 5_000 },
    script: one(() => ({ state: "cut" }), ["isolated"]),
  },
  {
    name: "host-cut-inside",
    about: "one host is cut off alone from outside, and a vantage inside its site reaches it",
    layout: { hasInside: true },
    script: one(() => ({ state: "cut" }), ["isolated"]),
  },
  {
    name: "death-heartbeats",
    about: "one host dies, and its heartbeats stop with it",
    layout: { heartbeatMs: 5_000 },
    script: death,
  },
  gray(10),
  gray(20),
  gray(30),
  gray(50),
  {
    name: "dns-only",
    about: "one target's name no longer resolves",
    script: one(() => ({ state: "nameless" }), ["gray"]),
  },
  {
    name: "proxy-answers",
    about: "one host dies behind a proxy that accepts for it and answers with an error",
    script: one(() => ({ state: "dead", isProxied: true }), ["gray"]),
  },
  {
    name: "two-deaths",
    about: "two hosts of one site die 3 s apart",
    script: (stage) => {
      const [first = "", second = ""] = stage.draw.sample(stage.keysOf(stage.draw.pick(stage.sites)), 2);
      return joined([
        befall(first, { state: "dead" }, ["node_dead"], stage.from, stage.to),
        befall(second, { state: "dead" }, ["node_dead"], stage.from + 3_000, stage.to),
      ]);
    },
  },
  {
    name: "crash-then-dead",
    about: "one process crashes, and 5 to 20 s later its host dies; timed from the second",
    script: (stage) => {
      const key = anyKey(stage);
      const second = stage.from + stage.draw.between(5_000, 20_000);
      const crashed = befall(key, { state: "crashed" }, ["process_crashed"], stage.from, second);
      return joined([
        { faults: crashed.faults, cases: [] },
        befall(key, { state: "dead" }, ["node_dead"], second, stage.to),
      ]);
    },
  },
  {
    name: "rolling-deploy",
    about: "every process of a site restarts in turn, each refusing for 2 to 4 s",
    script: restartsInTurn,
  },
  {
    name: "clock-skew",
    about: "one host dies, watched by vantages whose clocks are up to 0.5 s wrong",
    layout: { skewMaxMs: 500 },
    script: death,
  },
];
