import { describe, expect, test } from "vitest";
import type { Decider } from "../../lab/postgresql/faults.ts";
import type { PgNode } from "../../lab/postgresql/node.ts";
import type { CellResult } from "../../lab/postgresql/play.ts";
import { rowOf, storiesOf } from "./stories.ts";

const [killed, outage, killedStrict, outageStrict] = storiesOf({ switchTo: async () => undefined });

const WELL: CellResult = {
  fault: "kill-9",
  rule: "advisory",
  isSynchronous: true,
  mustResume: true,
  endsLease: false,
  gapSeconds: 7,
  resumedSeconds: 7,
  rows: 200,
  lost: 0,
  strayLost: 0,
  bothWritableSeconds: 0,
  stale: 0,
  strayStale: 0,
  switches: 1,
  needless: 0,
  wholeSeconds: 3,
  history: [],
};
const LONG: Partial<CellResult> = {
  mustResume: false,
  endsLease: true,
  resumedSeconds: null,
  gapSeconds: 20,
};
const SHORT: Partial<CellResult> = { ...LONG, gapSeconds: 0.2, switches: 0 };

describe("what a pair did, as a row", () => {
  test.each([
    ["a standby that takes over", killed, {}, "standby leads", true, 0],
    ["a primary that is started again", killed, { switches: 0 }, "primary leads", false, 0],
    ["nobody that takes over", killed, { switches: 0, resumedSeconds: null }, "nobody leads", false, 0],
    ["a lost row", killed, { lost: 1 }, "standby leads", false, 0],
    ["a lost row of a client that stayed", killedStrict, { strayLost: 2 }, "standby leads", false, 0],
    ["a row of an older epoch", killed, { stale: 1 }, "standby leads", false, 0],
    ["a lead that came back", killed, { switches: 2, needless: 1 }, "standby leads", false, 1],
    ["two leaders", killedStrict, { rule: "strict", bothWritableSeconds: 0.4 }, "standby leads", false, 1],
    ["an outage that nobody feels", outage, SHORT, "writes go on", true, 0],
    ["an outage that switches", outage, { ...SHORT, switches: 1, needless: 1 }, "switched", false, 1],
    ["an outage that stops an advisory leader", outage, { ...LONG, switches: 0 }, "writes stop", false, 0],
    [
      "an outage that stops a strict leader",
      outageStrict,
      { ...LONG, rule: "strict" },
      "writes stop",
      true,
      0,
    ],
    [
      "… whose successor leads afterwards",
      outageStrict,
      { ...LONG, rule: "strict", switches: 1, needless: 1 },
      "writes stop",
      true,
      0,
    ],
    [
      "… and then the old one again",
      outageStrict,
      { ...LONG, rule: "strict", switches: 2, needless: 2 },
      "writes stop",
      false,
      1,
    ],
    ["a strict leader that goes on", outageStrict, { ...SHORT, rule: "strict" }, "writes go on", false, 0],
  ] as const)("%s", (_, story, seen, did, ok, violations) => {
    if (story === undefined) throw new Error("no such story");
    expect(rowOf(story, { ...WELL, ...seen })).toMatchObject({ did, ok, violations });
  });
});

test("an outage is every way in which our API fails, and over when it is undone", async () => {
  const done: string[] = [];
  const api = { switchTo: async (fault: string) => void done.push(fault) };
  const story = storiesOf(api, async () => done.push("held"))[1];
  // The fault hits the API, not a node.
  const nobody = {} as PgNode;
  const fault = story?.fault.of(nobody, nobody, {} as Decider);
  await fault?.apply();
  expect(done.join(" ")).toBe("500 held 401 held 429 held slow held gone");
  await fault?.undo();
  expect(done.at(-1)).toBe("fine");
});
