import { describe, expect, it } from "vitest";
import type { Drill, Fault } from "../../src/domain/drill.ts";
import { probeKindOf, SCHEMES } from "../../src/domain/kinds.ts";
import { drillFor, isCutOff, startDrilled } from "../../src/schedule/drilled.ts";
import { FRESH_PACE } from "../../src/schedule/pace.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { HandClock } from "./hand-clock.ts";

const drill = (changes: Partial<Drill> = {}): Drill => ({
  id: "d-1",
  site: "fra",
  fault: "silence",
  durationMs: 9_000,
  live: false,
  startsAt: 1_000,
  endsAt: 10_000,
  ...changes,
});
const TARGET = { site: "fra", target: "db-1", subject: "target" } as const;
const WITNESS = { ...TARGET, subject: "witness" } as const;

const waits = { url: "http://db-1.example/", timeoutMs: 2_000, connectWithinMs: 1_500 };

describe("a drill", () => {
  const cases: [string, Partial<Drill>, number, boolean, boolean][] = [
    ["of the whole site", {}, 5_000, true, true],
    ["of this target", { target: "db-1" }, 5_000, true, true],
    ["of another target", { target: "db-2" }, 5_000, false, false],
    ["of another site", { site: "ams" }, 5_000, false, false],
    ["at this vantage", { vantages: ["oc", "weur"] }, 5_000, true, true],
    ["at other vantages", { vantages: ["oc"] }, 5_000, false, false],
    ["at the instant it starts", {}, 1_000, true, true],
    ["before it starts", {}, 999, false, false],
    ["at the instant it ends", {}, 10_000, false, false],
    ["that refuses", { fault: "refuse" }, 5_000, true, false],
    ["that hangs", { fault: "hang" }, 5_000, true, false],
    ["that answers errors", { fault: "error" }, 5_000, true, false],
  ];
  it.each(cases)(
    "%s (%j at %i) alters the target: %s, its witness: %s",
    (_, changes, now, target, witness) => {
      const assignment = assignmentOf([assignedTarget("db-1")], { drills: [drill(changes)] });
      expect(drillFor(assignment, TARGET, now) !== undefined).toBe(target);
      expect(drillFor(assignment, WITNESS, now) !== undefined).toBe(witness);
    },
  );

  it("gives way to one that was started before it", () => {
    const drills = [drill({ id: "first", fault: "hang" }), drill({ id: "second" })];
    const assignment = assignmentOf([assignedTarget("db-1")], { drills });
    expect(drillFor(assignment, TARGET, 5_000)?.id).toBe("first");
    expect(drillFor(assignment, WITNESS, 5_000)?.id).toBe("second");
  });

  const times = { deviationMs: 4, samples: 9, isLate: false };
  const known = { ...FRESH_PACE, connect: { ...times, meanMs: 31 }, answer: { ...times, meanMs: 90 } };
  const plays: [Fault, object, string, object][] = [
    ["silence", known, "connect", { outcome: "connect_timeout", stage: "connect", totalMs: 1_500 }],
    ["refuse", known, "connect", { outcome: "refused", stage: "connect", totalMs: 31 }],
    [
      "refuse",
      { ...known, connect: known.answer },
      "connect",
      { outcome: "refused", stage: "connect", totalMs: 90 },
    ],
    ["refuse", FRESH_PACE, "connect", { outcome: "refused", stage: "connect", totalMs: 20 }],
    [
      "hang",
      known,
      "connect",
      { outcome: "response_timeout", stage: "response", connectMs: 31, totalMs: 2_000 },
    ],
    [
      "error",
      known,
      "connect",
      { outcome: "app_error", stage: "done", connectMs: 31, totalMs: 90, detail: "status 500" },
    ],
  ];
  it.each(plays)(
    "of fault %s on a path of pace %j begins in stage %s and finds %j",
    async (fault, pace, stage, finding) => {
      const clock = new HandClock(50_000);
      const probe = startDrilled(fault, { ...FRESH_PACE, ...pace }, waits, clock);
      expect(probe.begin).toBe(50_000);
      expect(probe.stage()).toBe(stage);
      await clock.turn("totalMs" in finding ? Number(finding.totalMs) : 0);
      expect(await probe.finding).toEqual(finding);
      expect(clock.waiting).toBe(0);
    },
  );

  it.each(SCHEMES)(
    "of fault error, of scheme %s, answers as a broken one of its kind would",
    async (scheme) => {
      const clock = new HandClock(0);
      const probe = startDrilled("error", known, { ...waits, url: `${scheme}://db-1.example:1/a.b` }, clock);
      await clock.turn(90);
      expect(await probe.finding).toMatchObject({
        outcome: "app_error",
        detail: probeKindOf(scheme).drilled,
      });
    },
  );

  it("that hangs is seen to open after the path's usual time", async () => {
    const clock = new HandClock(0);
    const probe = startDrilled("hang", known, waits, clock);
    await clock.turn(30);
    expect([probe.stage(), probe.connectMs()]).toEqual(["connect", undefined]);
    await clock.turn(1);
    expect([probe.stage(), probe.connectMs()]).toEqual(["response", 31]);
  });
});

describe("a vantage is cut off", () => {
  const targets = [assignedTarget("db-1"), assignedTarget("db-2"), assignedTarget("web", { site: "ams" })];
  const here = { vantages: ["weur"] };
  const cases: [string, Drill[], boolean][] = [
    ["not without drills", [], false],
    ["when drills silence every site at it", [drill(here), drill({ ...here, site: "ams" })], true],
    [
      "when drills silence every target at it",
      [
        drill({ ...here, target: "db-1" }),
        drill({ ...here, target: "db-2" }),
        drill({ ...here, site: "ams", target: "web" }),
      ],
      true,
    ],
    [
      "not when one target still answers",
      [drill({ ...here, target: "db-1" }), drill({ ...here, site: "ams" })],
      false,
    ],
    [
      "not when one is merely refused",
      [drill({ ...here, fault: "refuse" }), drill({ ...here, site: "ams" })],
      false,
    ],
    ["not when the drills name no vantage: then nodes are silent", [drill(), drill({ site: "ams" })], false],
    [
      "not when the drills are at another vantage",
      [drill({ vantages: ["oc"] }), drill({ site: "ams", vantages: ["oc"] })],
      false,
    ],
  ];
  it.each(cases)("%s", (_, drills, expected) => {
    expect(isCutOff(assignmentOf(targets, { drills }), 5_000)).toBe(expected);
  });

  it("never without targets", () => {
    expect(isCutOff(assignmentOf([], { drills: [drill(here)] }), 5_000)).toBe(false);
  });
});
