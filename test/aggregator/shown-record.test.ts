import { expect, it } from "vitest";
import { shownEvents, shownState } from "../../src/aggregator/shown-record.ts";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { judge } from "../../src/verdict/judge.ts";
import { emptyState } from "../../src/verdict/memory/judge-state.ts";
import { dumpState } from "../../src/verdict/memory/target-state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";

const AT = Date.parse("2026-11-28T06:00:00Z");
const URL = "https://db.example/health?key=s3cret";

/** One event for each place in which a URL may be. */
const EVENTS: EvidenceEvent[] = [
  { kind: "roster", vantages: [{ id: "weur", kind: "regional", region: "weur", provider: "cloudflare" }] },
  {
    kind: "target",
    url: URL,
    version: 3,
    target: {
      site: "fra",
      target: "db-1",
      intervalMs: 5_000,
      timeoutMs: 1_000,
      vantages: ["weur"],
      hasWitness: true,
      witness: { url: URL, version: 3 },
      paused: false,
      policy: {},
    },
  },
  {
    kind: "report",
    report: {
      vantage: "weur",
      sequence: 1,
      madeAt: AT,
      version: 3,
      dropped: 0,
      observations: [],
      controls: [{ url: URL, begin: AT, outcome: "ok", stage: "done", totalMs: 5 }],
    },
  },
];

it("a record shows no secret of a URL, wherever one stands: of a target, its witness, or a control", () => {
  const { state } = judge(emptyState(), EVENTS, AT, TUNING);
  const told = dumpState(state);
  expect(told.split("s3cret").length).toBe(1 + EVENTS.length);
  const shown = `${shownState(told)} ${JSON.stringify(shownEvents(EVENTS))}`;
  expect(shown).not.toContain("s3cret");
  expect(shown.split("key=***").length).toBe(1 + 2 * EVENTS.length);
  // The shown events, judged again, give the shown state.
  expect(dumpState(judge(emptyState(), shownEvents(EVENTS), AT, TUNING).state)).toBe(shownState(told));
});

it("a record with nothing to hide is told as it is kept", () => {
  const [roster] = EVENTS;
  const events = roster === undefined ? [] : [roster];
  expect(shownEvents(events)).toBe(events);
});
