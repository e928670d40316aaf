import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pageOf } from "../../src/dashboard/page-document.ts";
import { lanesOf, SPAN_MS } from "../../src/dashboard/lanes.ts";
import type { Evidence, PageState } from "../../src/dashboard/shown-state.ts";
import { fromInstant } from "../../src/domain/instant.ts";
import { OutcomeSchema } from "../../src/domain/outcome.ts";
import { ago, crashed, NOW, stateOf, transitionOf } from "./states.ts";

const view = { site: "fra", target: "db-1", filter: "", at: null };
const LIVE = { trouble: "", by: "events", rows: { first: 0, count: 60, heightPx: 28 } } as const;

type Look = Evidence["observations"][number];

const look = (vantage: string, agoMs: number, changes: Partial<Look> = {}): Look => ({
  vantage,
  at: ago(agoMs),
  subject: "target",
  outcome: "ok",
  stage: "done",
  totalMs: 9,
  ...changes,
});

const seen = (changes: Partial<Evidence> = {}): Evidence => ({
  until: ago(0),
  reachesBackTo: ago(2 * SPAN_MS),
  observations: [],
  heartbeats: [],
  notices: [],
  ...changes,
});

const state = (evidence: Evidence | null, changes: Partial<PageState> = {}): PageState =>
  stateOf([crashed()], { view, evidence, live: LIVE, ...changes });

/** The runs of a lane as `from-to outcome`, in seconds ago. */
const told = (page: PageState, name: string): string[] | undefined =>
  lanesOf(page)
    ?.lanes.find((lane) => lane.name === name)
    ?.runs.map(
      ({ from, to, words }) => `${(NOW - from) / 1_000}-${(NOW - to) / 1_000} ${words.split(/[:,]/)[0]}`,
    );

describe("lanes of the last hour", () => {
  test("show looks of one outcome as one run, up to the next that is another", () => {
    const observations = [
      look("weur", 50_000),
      look("weur", 40_000),
      look("weur", 30_000, { outcome: "refused", detail: "ECONNREFUSED" }),
      look("weur", 20_000, { outcome: "refused" }),
      look("weur", 10_000),
    ];
    const page = state(seen({ observations }));
    expect(told(page, "weur")).toEqual(["50-30 answered", "30-10 refused", "10-0 answered"]);
    expect(lanesOf(page)?.lanes[0]?.runs[1]?.words).toContain("(ECONNREFUSED), 2 in a row");
  });

  test("show nothing where a vantage did not look", () => {
    const observations = [100_000, 90_000, 80_000, 20_000, 10_000].map((at) => look("weur", at));
    expect(told(state(seen({ observations })), "weur")).toEqual(["100-70 answered", "20-0 answered"]);
  });

  test("take the looks of several vantages at the witness for one lane", () => {
    const observations = [30_000, 29_900, 29_800, 20_000, 19_900, 19_800, 10_000, 9_900, 9_800].map(
      (at, index) => look(["weur", "enam", "oc"][index % 3] ?? "", at, { subject: "witness" }),
    );
    expect(told(state(seen({ observations })), "witness")).toEqual(["30-0 answered"]);
  });

  test("have the witness, the node's own word, people's and the verdict's own apart", () => {
    const page = state(
      seen({
        observations: [look("weur", 1_000), look("weur", 1_000, { subject: "witness" })],
        heartbeats: [{ at: ago(5_000), bootId: "9f1c" }],
        notices: [{ at: ago(253_000), kind: "crash", bootId: "9f1c", restarting: false }],
      }),
      {
        transitions: [
          transitionOf({
            override: { reason: "INC-12", until: ago(100_000), by: "anna", advice: { failover: false } },
          }),
          transitionOf({ sequence: 42, at: ago(600_000), from: "gray", to: "alive" }),
        ],
        drills: [
          {
            id: "drill-0-1",
            site: "fra",
            fault: "refuse",
            durationMs: 60_000,
            live: false,
            startsAt: ago(300_000),
            endsAt: ago(240_000),
          },
          {
            id: "drill-0-2",
            site: "fra",
            target: "db-9",
            fault: "hang",
            durationMs: 60_000,
            live: false,
            startsAt: ago(300_000),
            endsAt: ago(240_000),
          },
        ],
      },
    );
    expect(lanesOf(page)?.lanes.map(({ name }) => name)).toEqual([
      "weur",
      "witness",
      "heartbeats",
      "notices",
      "drills",
      "operator",
      "held",
    ]);
    expect(told(page, "drills")).toEqual(["300-240 drill drill-0-1"]);
    expect(told(page, "operator")).toEqual(["252-100 operator’s word"]);
    expect(told(page, "held")).toEqual(["3600-600 held", "600-252 held", "252-0 held"]);
  });

  test("begin where the journal does", () => {
    expect(lanesOf(state(seen({ reachesBackTo: ago(60_000) })))?.from).toBe(NOW - 60_000);
    expect(lanesOf(state(null))).toBe(null);
  });

  test("never run into each other, nor out of the hour, whatever was seen", () => {
    const looks = fc.array(
      fc.record({ agoMs: fc.nat(2 * SPAN_MS), outcome: fc.constantFrom(...OutcomeSchema.options) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(looks, (all) => {
        const observations = all.map(({ agoMs, outcome }) => look("weur", agoMs, { outcome }));
        const lanes = lanesOf(state(seen({ observations })));
        for (const { runs } of lanes?.lanes ?? [])
          for (const [index, run] of runs.entries()) {
            expect(run.from).toBeGreaterThanOrEqual(NOW - SPAN_MS);
            expect(run.to).toBeLessThanOrEqual(NOW);
            expect(run.to).toBeGreaterThanOrEqual(run.from);
            expect(runs[index + 1]?.from ?? Infinity).toBeGreaterThanOrEqual(run.to);
          }
      }),
    );
  });

  test("have a table that says the same, and nothing of either without a script", async () => {
    const evidence = seen({ observations: [look("weur", 5_000, { outcome: "refused" })] });
    const html = await pageOf(state(evidence));
    expect(html).toContain('<canvas id="lanes-canvas" role="img"');
    expect(html).toContain("refused: the host rejects the connection, 1 in a row");
    expect(await pageOf(state(evidence, { live: null }))).not.toContain("<canvas");
    expect(fromInstant(evidence.until)).toBe(NOW);
  });
});
