/** Many targets, a whole site of which falls silent: what becomes of the looks at the others? */
import type { Verdict } from "../../../src/domain/verdict.ts";
import { createReality } from "../create-reality.ts";
import type { Call, Detector } from "../detector.ts";
import type { Reality } from "../reality.ts";
import type { Scenario } from "../scenario.ts";

export interface Crowd {
  /** Targets in the site that is cut, and in the one that is not. */
  cut: number;
  healthy: number;
  /** How long the cut lasts. */
  lastsMs: number;
}

export interface Fared {
  /** Looks at the healthy site, of all vantages: a second before the cut, and while it lasts. */
  looksBefore: number;
  looksDuring: number;
  /** The longest time during the cut in which no vantage probed one healthy target. */
  longestGapMs: number;
  /** Healthy targets that were called anything but alive during the cut, the one that crashes left out. */
  mistaken: number;
  /** From the crash of a healthy target, well into the cut, until it was called down; null for never. */
  crashNamedMs: number | null;
  /** Targets of the cut site called down within its first minute, and when half and all of them were. */
  namedInMinute: number;
  halfNamedMs: number | null;
  allNamedMs: number | null;
  /** Targets of the cut site that became unknown after they had been called down. */
  forgotten: number;
  /** From the end of the cut until half, and all, of its targets were called up again. */
  halfBackMs: number | null;
  allBackMs: number | null;
}

const MINUTE_MS = 60_000;
/** The crash comes when the cut has been there for so long. */
const CRASH_AFTER_MS = 20_000;
/** Targets of both sites stand in one list of each reality; the larger number is made and the rest left out. */
const CUT_SITE = "fra";
const HEALTHY_SITE = "ams";
const CRASHING = `${HEALTHY_SITE}/n-1`;

const scenarioOf = (crowd: Crowd): Scenario => ({
  name: "crowd",
  about: "one of two crowded sites is cut, and a target of the other one crashes",
  layout: { sites: 2, targetsPerSite: Math.max(crowd.cut, crowd.healthy) },
  lastsMs: crowd.lastsMs,
  script: ({ from, to }) => ({
    faults: [
      { on: "site", site: CUT_SITE, state: "cut", wordsPass: false, from, to },
      { on: "target", key: CRASHING, state: "crashed", from: from + CRASH_AFTER_MS, to },
    ],
    cases: [],
  }),
});

/** The reality with so many targets a site, which reports every probe of one of them. */
const peopled = (reality: Reality, crowd: Crowd, note: (key: string, at: number) => void): Reality => {
  const isIn = ({ site, target }: Reality["targets"][number]): boolean =>
    Number(target.slice("n-".length)) <= (site === CUT_SITE ? crowd.cut : crowd.healthy);
  const targets = reality.targets.filter(isIn);
  return new Proxy(reality, {
    get: (world, name) => {
      if (name === "targets") return targets;
      if (name !== "probe") {
        const value: unknown = Reflect.get(world, name, world);
        return typeof value === "function" ? value.bind(world) : value;
      }
      return (...probe: Parameters<Reality["probe"]>) => {
        note(probe[1], probe[2]);
        return world.probe(...probe);
      };
    },
  });
};

const nth = (sorted: number[], count: number): number | null => sorted[count - 1] ?? null;

const longestGapOf = (looks: number[], from: number, to: number): number => {
  const during = [from, ...looks.filter((at) => from <= at && at < to), to];
  return Math.max(...during.slice(1).map((at, index) => at - (during[index] ?? 0)));
};

/** When each of these keys was first called so between two instants, sorted, as milliseconds after the first. */
const firstCalls = (calls: Call[], isOne: (key: string) => boolean, from: number, to: number): number[] => {
  const first = new Map<string, number>();
  for (const { key, at } of calls)
    if (isOne(key) && from <= at && at < to && !first.has(key)) first.set(key, at - from);
  return [...first.values()].toSorted((a, b) => a - b);
};

/** Lets a detector look at one such world. */
export const measureCrowd = async (detector: Detector, seed: number, crowd: Crowd): Promise<Fared> => {
  const looks = new Map<string, number[]>();
  const note = (key: string, at: number): void => {
    const known = looks.get(key);
    if (known === undefined) looks.set(key, [at]);
    else known.push(at);
  };
  const whole = createReality(scenarioOf(crowd), seed);
  const reality = peopled(whole, crowd, note);
  const { downs, ups, others } = await detector.run(reality, reality.beginsAt, reality.endsAt);
  const [from, to] = [reality.faultAt, reality.faultAt + crowd.lastsMs];
  const keys = reality.targets.map(({ key }) => key);
  const isCut = (key: string): boolean => key.startsWith(`${CUT_SITE}/`);
  const isHealthy = (key: string): boolean => !isCut(key) && key !== CRASHING;
  const healthy = keys.filter(isHealthy);
  const rate = (start: number, end: number): number =>
    (healthy.flatMap((key) => looks.get(key) ?? []).filter((at) => start <= at && at < end).length * 1_000) /
    (end - start);
  const named = firstCalls(downs, isCut, from, to);
  const unknown: Verdict = "unknown";
  const forgotten = others.filter(
    ({ key, at, label }) =>
      label === unknown && isCut(key) && at < to && downs.some((down) => down.key === key && down.at < at),
  );
  const back = firstCalls(ups, isCut, to, Infinity);
  return {
    looksBefore: rate(from - MINUTE_MS / 2, from),
    looksDuring: rate(from, to),
    longestGapMs: Math.max(...healthy.map((key) => longestGapOf(looks.get(key) ?? [], from, to))),
    mistaken: firstCalls([...downs, ...others], isHealthy, from, to).length,
    crashNamedMs: nth(
      firstCalls(downs, (key) => key === CRASHING, from + CRASH_AFTER_MS, to),
      1,
    ),
    namedInMinute: named.filter((ms) => ms <= MINUTE_MS).length,
    halfNamedMs: nth(named, Math.ceil(crowd.cut / 2)),
    allNamedMs: nth(named, crowd.cut),
    forgotten: new Set(forgotten.map(({ key }) => key)).size,
    halfBackMs: nth(back, Math.ceil(crowd.cut / 2)),
    allBackMs: nth(back, crowd.cut),
  };
};
