/**
 * Laws of any list of events: a channel that does not work changes nothing, and the order in which delayed events arrive does not matter.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { keyOf } from "../../src/domain/name.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { VERDICTS } from "../../src/domain/verdict.ts";
import { judge } from "../../src/verdict/judge.ts";
import { type Change, emptyState, type ShardState } from "../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { runs } from "../runs.ts";
import type { Condition } from "./condition.ts";
import { KEY, SIBLING } from "./look.ts";
import { insiderOf, REGIONS, World } from "./world.ts";

const KEYS = [KEY, SIBLING, "fra/db-3", "ams/web-1", "sto/web-1"];
const CONDITIONS: Condition[] = ["ok", "refused", "silent", "hung", "error", "half", "reset", "body"];
const INSIDE = insiderOf("fra");

interface Told {
  at: number;
  events: readonly EvidenceEvent[];
}
interface Judged {
  state: ShardState;
  changes: Change[];
}

/** Judges the events one after the other, and in between whenever the judge asked to be woken, except while the judge was away. */
const judged = (told: readonly Told[], away = { from: Infinity, to: Infinity }): Judged => {
  let state = emptyState();
  const changes: Change[] = [];
  let wakeAt = Infinity;
  const call = (events: readonly EvidenceEvent[], at: number): void => {
    const judgement = judge(state, events, at, TUNING);
    changes.push(...judgement.changes);
    state = judgement.state;
    wakeAt = Math.max(judgement.nextAt, at + 100);
  };
  for (const { at, events } of told) {
    while (wakeAt < at && (wakeAt <= away.from || wakeAt > away.to)) call([], wakeAt);
    call(events, at);
  }
  return { state, changes };
};

/** The events with only these observations and these controls. */
const only =
  (
    isKept: (observation: Observation, vantage: string) => boolean,
    hasControls: (vantage: string) => boolean,
  ) =>
  ({ at, events }: Told): Told => ({
    at,
    events: events.map((event) => {
      if (event.kind !== "report") return event;
      const { report } = event;
      const observations = report.observations.filter((one) => isKept(one, report.vantage));
      const controls = hasControls(report.vantage) ? report.controls : [];
      return { kind: "report", report: { ...report, observations, controls } };
    }),
  });

/** An empty override for each target: it changes nothing, but has every target judged at this instant. */
const SILENT_OPERATOR: EvidenceEvent[] = KEYS.map((key) => {
  const [site = "", target = ""] = key.split("/");
  return { kind: "override", site, target, override: null };
});
const judgingAll = ({ at, events }: Told): Told => ({ at, events: [...events, ...SILENT_OPERATOR] });

const happening = fc.record({
  key: fc.constantFrom(...KEYS),
  condition: fc.constantFrom(...CONDITIONS),
  vantages: fc.option(fc.subarray(REGIONS, { minLength: 1 }), { nil: undefined }),
  forMs: fc.integer({ min: 100, max: 30_000 }),
});

/** What happens to the target with the channels, as seen from everywhere, for long enough that the judge names it. */
const toAll = fc.record({
  key: fc.constant(KEY),
  condition: fc.constantFrom<Condition>("refused", "silent", "hung", "ok"),
  vantages: fc.constant(undefined),
  forMs: fc.integer({ min: 10_000, max: 40_000 }),
});

describe("law: a channel that never worked in the target's good time changes nothing", () => {
  const scripts = fc.record({
    intervalMs: fc.constantFrom(5_000, 10_000),
    regions: fc.constantFrom(3, 5, 7).map((count) => REGIONS.slice(0, count)),
    outsideProof: fc.boolean(),
    /** The condition of a channel that is dead; null where the channel works or there is none. */
    witness: fc.constantFrom<Condition | null>("silent", "hung", "reset", null),
    inside: fc.constantFrom<Condition | null>("silent", "refused", "hung", "reset", null),
    controls: fc.subarray(REGIONS),
    happenings: fc.array(fc.oneof(toAll, happening), { minLength: 1, maxLength: 6 }),
  });
  type Script = typeof scripts extends fc.Arbitrary<infer T> ? T : never;

  const LET_IN: Script = {
    intervalMs: 5_000,
    regions: REGIONS.slice(0, 3),
    outsideProof: false,
    witness: null,
    inside: "reset",
    controls: [],
    happenings: [{ key: KEY, condition: "refused", vantages: undefined, forMs: 10_000 }],
  };

  /** The crash stands until the silence has lasted. Only reports on the target wake the judge here. */
  const AFTER_A_CRASH: Script = {
    ...LET_IN,
    witness: "silent",
    inside: "hung",
    happenings: [
      { key: KEY, condition: "refused", vantages: undefined, forMs: 22_500 },
      { key: KEY, condition: "silent", vantages: undefined, forMs: 14_250 },
    ],
  };

  /** The target is back for one interval, in which no vantage inside looked: the refusals of the first crash speak for the second one. */
  const BACK_FOR_A_MOMENT: Script = {
    ...LET_IN,
    intervalMs: 10_000,
    witness: "silent",
    inside: "refused",
    happenings: [
      { key: KEY, condition: "refused", vantages: undefined, forMs: 25_030 },
      { key: KEY, condition: "ok", vantages: undefined, forMs: 10_000 },
      { key: KEY, condition: "refused", vantages: undefined, forMs: 10_000 },
    ],
  };

  const played = ({
    intervalMs,
    regions,
    outsideProof,
    witness,
    inside,
    controls,
    happenings,
  }: Script): World => {
    const world = new World({ intervalMs, regions, inside: ["fra"], asText: false });
    for (const key of KEYS) world.place(key, { policy: { outsideProof }, witness: key === KEY });
    if (witness !== null) world.setWitness(KEY, witness);
    for (const region of controls) if (regions.includes(region)) world.control(region, false);
    const deaden = (): void => {
      if (inside !== null) world.set(KEY, inside, [INSIDE]);
    };
    deaden();
    world.run(3 * intervalMs);
    for (const { key, condition, vantages, forMs } of happenings) {
      const among = vantages?.filter((id) => regions.includes(id));
      world.set(key, condition, among);
      deaden();
      world.run(forMs);
    }
    return world;
  };

  const said = ({ changes }: Judged): unknown[] =>
    changes.map(({ site, target, transition: { to, confirmed, advice } }) => ({
      key: keyOf(site, target),
      to,
      confirmed,
      routing: advice.routing,
      failover: advice.failover,
      regions: Object.fromEntries(Object.entries(advice.regions).filter(([region]) => region !== "fra")),
    }));

  it("whichever it is, and whatever happens", () => {
    fc.assert(
      fc.property(scripts, (script) => {
        // A report judges the targets that it reports on. Where its observations are left out, their instant of judgement must stay.
        const journal = played(script).journal.map(judgingAll);
        const isDead = ({ subject, ...one }: Observation, vantage: string): boolean => {
          if (keyOf(one.site, one.target) !== KEY) return false;
          return subject === "witness"
            ? script.witness !== null
            : script.inside !== null && vantage === INSIDE;
        };
        const without = only(
          (one, vantage) => !isDead(one, vantage),
          (vantage) => !script.controls.includes(vantage),
        );
        // The world looks at a node once before a test can set the node's channels dead, so such an ok is left out.
        const neverWorking = only(
          (one, vantage) => !isDead(one, vantage) || one.outcome !== "ok",
          () => true,
        );
        expect(said(judged(journal.map(without)))).toEqual(said(judged(journal.map(neverWorking))));
      }),
      {
        numRuns: runs(25),
        // The judge once took a vantage inside, whose connections had always been reset, for let in, and so believed in no crash.
        examples: [[LET_IN], [AFTER_A_CRASH], [BACK_FOR_A_MOMENT]],
      },
    );
  });
});

describe("law: after an absence", () => {
  const absences = fc.record({
    intervalMs: fc.constantFrom(5_000, 10_000),
    regions: fc.constantFrom(3, 5, 7).map((count) => REGIONS.slice(0, count)),
    outsideProof: fc.boolean(),
    /** What happened before the absence. No hang: its full queue shows only by earlier reports, and otherwise not for long. */
    before: fc.array(
      happening.filter(({ condition }) => condition !== "hung"),
      { maxLength: 2 },
    ),
    /** What happens during the absence, at once or a little later. */
    key: fc.constantFrom(...KEYS),
    condition: fc.constantFrom<Condition>("refused", "silent", "error", "reset", "ok"),
    vantages: fc.option(fc.subarray(REGIONS, { minLength: 1 }), { nil: undefined, freq: 1 }),
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    forMs: fc.integer({ min: 6_000, max: 40_000 }),
    order: fc.shuffledSubarray(REGIONS, { minLength: REGIONS.length }),
    /** How the waiting reports arrive: all in one call, one call for each vantage, or one for each report. */
    calls: fc.constantFrom("one", "each vantage", "each report" as const),
  });
  type Absence = typeof absences extends fc.Arbitrary<infer T> ? T : never;

  /** The journal up to the absence, during it, and after it. */
  const played = (absence: Absence, then: (world: World) => void) => {
    const { intervalMs, regions, outsideProof, before, key, condition, vantages, afterMs, forMs } = absence;
    const world = new World({ intervalMs, regions, asText: false });
    for (const one of KEYS) world.place(one, { policy: { outsideProof } });
    world.run(3 * intervalMs);
    const among = (ids?: string[]): string[] | undefined => ids?.filter((id) => regions.includes(id));
    for (const one of before) {
      world.set(one.key, one.condition, among(one.vantages));
      world.run(one.forMs);
    }
    const from = world.now;
    world.run(afterMs);
    world.set(key, condition, among(vantages));
    world.run(forMs);
    then(world);
    const to = world.now;
    world.run(60_000);
    return {
      before: world.journal.filter(({ at }) => at <= from),
      meanwhile: world.journal.filter(({ at }) => at > from && at <= to),
      since: world.journal.filter(({ at }) => at > to),
      away: { from, to },
    };
  };

  /** The reports that waited: each vantage's reports in their order and the vantages in any order, or all in the order of time. */
  const waited = (told: readonly Told[], { order, calls }: Absence, at: number): Told[] => {
    const by = (event: EvidenceEvent): number =>
      event.kind === "report" ? order.indexOf(event.report.vantage) : -1;
    const inTime = told.flatMap(({ events }) => events);
    if (calls === "each report") return inTime.map((event) => ({ at, events: [event] }));
    const events = inTime.toSorted((a, b) => by(a) - by(b));
    if (calls === "one") return [{ at, events }];
    return [...Map.groupBy(events, by).values()].map((part) => ({ at, events: part }));
  };

  const standing = ({ state }: Judged): unknown[] =>
    [...state.targets].map(([key, { published }]) => {
      const { verdict, confirmed, advice } = published;
      return [key, verdict, confirmed, advice.routing, advice.failover];
    });

  it("all that waited ends in the same verdicts as if it had come in its time", () => {
    fc.assert(
      fc.property(absences, (absence) => {
        const { before, meanwhile, since, away } = played(absence, () => {});
        const late = judged([...before, ...waited(meanwhile, absence, away.to), ...since], away);
        expect(standing(late)).toEqual(standing(judged([...before, ...meanwhile, ...since])));
      }),
      { numRuns: runs(20) },
    );
  });

  it("nothing is said to be down that has been answered everywhere since", () => {
    fc.assert(
      fc.property(absences, (absence) => {
        const { before, meanwhile, since, away } = played(absence, (world) => {
          for (const key of KEYS) world.set(key, "ok");
          world.run(2 * absence.intervalMs + 3_000);
        });
        const { changes } = judged([...before, ...waited(meanwhile, absence, away.to), ...since], away);
        // Later transitions may withdraw earlier verdicts step by step.
        const wrong = changes.filter(({ transition: { advice, at, from, to } }) => {
          const isNew = VERDICTS[to].isDown && from !== to;
          return Date.parse(at) >= away.to && (isNew || advice.failover);
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: runs(20) },
    );
  });
});
