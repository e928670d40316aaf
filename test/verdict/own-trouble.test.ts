/** When the whole world falls silent, the detector suspects itself before it has advised against more than one site. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { mayBeOurs } from "../../src/verdict/facts/elsewhere.ts";
import { judge } from "../../src/verdict/judge.ts";
import { emptyState, type ShardState, type TargetState } from "../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { runs } from "../runs.ts";
import { factsOfVotes, NOW, type Observed, proofAt, shardOf, targetState, vote } from "./made.ts";
import { REGIONS, World } from "./world.ts";

const KEYS = ["fra/web-1", "fra/web-2", "ams/web-1", "ams/web-2", "sto/web-1", "sto/web-2"];

interface Told {
  at: number;
  event: EvidenceEvent;
}

/** The sites that the judge advises against. */
const avoidedIn = ({ targets }: ShardState): string[] =>
  [...targets.values()].flatMap(({ published, target: { site } }) =>
    published.advice.routing === "avoid" ? [site] : [],
  );

/**
 * Judges a journal as a busy machine reports it: each observation arrives on its own, later by `lateMs`. Returns the state, the sites
 * advised against at the end of any instant, and the most of them at one instant.
 */
const judgedLate = (
  journal: World["journal"],
  lateMs: (vantage: string, rank: number) => number,
): { state: ShardState; avoided: Set<string>; mostAtOnce: number } => {
  let rank = 0;
  const told = journal.flatMap(({ at, events }) =>
    events.flatMap((event): Told[] => {
      if (event.kind !== "report") return [{ at, event }];
      const { report } = event;
      return report.observations.map((one) => ({
        at: at + lateMs(report.vantage, rank++),
        event: { kind: "report", report: { ...report, observations: [one] } },
      }));
    }),
  );
  let state = emptyState();
  let wakeAt = Infinity;
  let judgedAt = 0;
  const avoided = new Set<string>();
  let mostAtOnce = 0;
  const sequences = new Map<string, number>();
  const call = (events: readonly EvidenceEvent[], at: number): void => {
    if (at > judgedAt) {
      const sites = new Set(avoidedIn(state));
      for (const site of sites) avoided.add(site);
      mostAtOnce = Math.max(mostAtOnce, sites.size);
    }
    judgedAt = at;
    const judgement = judge(state, events, at, TUNING);
    state = judgement.state;
    wakeAt = Math.max(judgement.nextAt, at + 100);
  };
  for (const { at, event } of told.toSorted((a, b) => a.at - b.at)) {
    while (wakeAt < at) call([], wakeAt);
    if (event.kind !== "report") {
      call([event], at);
      continue;
    }
    const { report } = event;
    const sequence = (sequences.get(report.vantage) ?? 0) + 1;
    sequences.set(report.vantage, sequence);
    call([{ kind: "report", report: { ...report, sequence, madeAt: Math.min(report.madeAt, at) } }], at);
  }
  return { state, avoided, mostAtOnce };
};

interface Made {
  vantages: number;
  offsets: number[];
  slow: number[];
  jitter: number[];
  phase: number;
}

const world: fc.Arbitrary<Made> = fc.record({
  vantages: fc.integer({ min: 3, max: 7 }),
  /** For each target, how much later than the first it falls silent. */
  offsets: fc.array(fc.integer({ min: 0, max: 800 }), { minLength: KEYS.length, maxLength: KEYS.length }),
  /** For each vantage, how late its reports are. */
  slow: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 7, maxLength: 7 }),
  /** For each observation, how late it is besides. */
  jitter: fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 16, maxLength: 16 }),
  phase: fc.integer({ min: 0, max: 5_000 }),
});

/** Reports so late that one judgement finds several sites down before any of them stands as silent. */
const TOGETHER: [Made][] = [
  [
    {
      vantages: 7,
      offsets: [0, 0, 0, 0, 0, 0],
      slow: [1_444, 1_260, 0, 0, 0, 0, 0],
      jitter: [66, 9, 9, 9, 18, 0, 0, 0, 0, 0, 0, 0, 0, 36, 0, 0],
      phase: 0,
    },
  ],
  [
    {
      vantages: 6,
      offsets: [57, 57, 57, 57, 57, 0],
      slow: [624, 0, 1_982, 0, 0, 297, 0],
      jitter: [139, 139, 139, 139, 139, 223, 0, 0, 0, 0, 0, 0, 0, 31, 6, 6],
      phase: 1_666,
    },
  ],
];

describe("all the world silent", () => {
  it("is the detector's own trouble, before two sites are advised against", () => {
    fc.assert(
      fc.property(world, ({ vantages, offsets, slow, jitter, phase }) => {
        const regions = REGIONS.slice(0, vantages);
        const made = new World({ regions, asText: false });
        for (const key of KEYS) made.place(key);
        for (const region of regions) made.control(region, true);
        made.run(20_000 + phase);
        const falls = KEYS.map((key, index) => ({ key, at: offsets[index] ?? 0 })).toSorted(
          (a, b) => a.at - b.at,
        );
        let past = 0;
        for (const { key, at } of falls) {
          made.run(at - past);
          made.set(key, "silent");
          past = at;
        }
        made.run(20_000);
        const { state, avoided } = judgedLate(
          made.journal,
          (vantage, rank) => (slow[regions.indexOf(vantage)] ?? 0) + (jitter[rank % jitter.length] ?? 0),
        );
        expect([...avoided].slice(1)).toEqual([]);
        expect(state.frozenSince).not.toBeNull();
      }),
      { numRuns: runs(30), examples: TOGETHER },
    );
  });
});

interface Spread {
  vantages: number;
  sites: number[];
  arms: number[];
  slow: number[];
  jitter: number[];
  phase: number;
}

/** Silence as drills bring it: each site falls silent at a moment of its own, and for each vantage a little later. */
const spread: fc.Arbitrary<Spread> = fc.record({
  vantages: fc.integer({ min: 3, max: 7 }),
  sites: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 3, maxLength: 3 }),
  /** For each vantage at each site, how much later that is. */
  arms: fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 21, maxLength: 21 }),
  slow: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 7, maxLength: 7 }),
  jitter: fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 16, maxLength: 16 }),
  phase: fc.integer({ min: 0, max: 5_000 }),
});

describe("all the world silent, site by site", () => {
  it("is not advised against in two sites at once", () => {
    fc.assert(
      fc.property(spread, ({ vantages, sites, arms, slow, jitter, phase }) => {
        const regions = REGIONS.slice(0, vantages);
        const made = new World({ regions, asText: false });
        for (const key of KEYS) made.place(key);
        for (const region of regions) made.control(region, true);
        made.run(20_000 + phase);
        const falls = ["fra", "ams", "sto"]
          .flatMap((site, nth) =>
            regions.map((region, rank) => ({
              site,
              region,
              at: (sites[nth] ?? 0) + (arms[nth * REGIONS.length + rank] ?? 0),
            })),
          )
          .toSorted((a, b) => a.at - b.at);
        let past = 0;
        for (const { site, region, at } of falls) {
          made.run(at - past);
          for (const key of KEYS) if (key.startsWith(site)) made.set(key, "silent", [region]);
          past = at;
        }
        made.run(20_000);
        const { state, mostAtOnce } = judgedLate(
          made.journal,
          (vantage, rank) => (slow[regions.indexOf(vantage)] ?? 0) + (jitter[rank % jitter.length] ?? 0),
        );
        expect(mostAtOnce).toBeLessThan(2);
        expect(state.frozenSince).not.toBeNull();
      }),
      { numRuns: runs(30) },
    );
  });
});

describe("whether a trouble may be our own", () => {
  const missed = { onset: NOW - 5_000, failingSince: NOW - 4_000 };
  const provenAt = (ms: number): Partial<TargetState> => ({ onceAlive: true, proof: proofAt(NOW - ms) });
  const one = (key: string, part: Partial<TargetState>): TargetState => targetState(part, key);
  const silent = { ...provenAt(5_000), silentAt: NOW };
  const quiet = provenAt(5_000);
  const well = provenAt(900);
  const avoided = (key: string): TargetState => ({
    ...one(key, quiet),
    standing: { ...one(key, quiet).standing, routing: "avoid" },
  });
  const fra = one("fra/db-1", quiet);
  const found = (others: TargetState[], part: Partial<Observed> = {}): boolean => {
    const facts = factsOfVotes([vote("a", "silent", NOW - 1_000)], { state: fra, ...missed, ...part });
    return mayBeOurs(shardOf({ targets: [fra, ...others] }), facts, TUNING);
  };

  const down = { ...quiet, beliefs: { up: 0, crashed: 0, dead: 0.5, hung: 0, gray: 0, cut: 0.5 } };

  it.each<[string, TargetState[], boolean, Partial<Observed>?]>([
    [
      "is open where another site is silent, and most have not been answered",
      [one("ams/a", silent), one("sto/a", quiet), one("sto/b", well)],
      true,
    ],
    ["… or is believed to be down", [one("ams/a", down), one("sto/a", quiet), one("sto/b", well)], true],
    ["… or is advised against", [avoided("ams/a"), one("sto/a", quiet), one("sto/b", well)], true],
    [
      "is not where half have been answered since",
      [one("ams/a", silent), one("sto/a", well), one("sto/b", well)],
      false,
    ],
    [
      "… but for answers that came about when it began to fail",
      [one("ams/a", silent), one("sto/a", provenAt(1_001)), one("sto/b", provenAt(1_001))],
      true,
    ],
    [
      "is not of the first site that falls silent",
      [one("ams/a", quiet), one("sto/a", quiet), one("sto/b", quiet)],
      false,
    ],
    [
      "… nor where all that is silent is its own site's",
      [one("fra/b", silent), one("fra/c", silent), one("sto/b", well)],
      false,
    ],
    ["is not in so small a world", [one("ams/a", silent), one("sto/a", quiet)], false],
    [
      "is decided once everybody has had his turn",
      [one("ams/a", silent), one("sto/a", quiet), one("sto/b", quiet)],
      false,
      { onset: NOW - 60_000, failingSince: NOW - 60_000 },
    ],
  ])("%s", (_name, others, expected, part) => {
    expect(found(others, part)).toBe(expected);
  });
});
