import { describe, expect, it } from "vitest";
import { linesOf } from "../../../src/cli/watch/changes.ts";
import { readPast, Recent } from "../../../src/cli/watch/recent-past.ts";
import { parseSettings } from "../../../src/cli/watch/settings.ts";
import type { Called } from "../../../src/client/called.ts";
import type { TransitionsAnswer } from "../../../src/domain/verdict.ts";
import { transition } from "./transition.ts";

const SINCE = "2026-11-22T18:27:05.000Z";

describe("what has been", () => {
  it("is told in lines, oldest first, each at its time, and what is missing of it", () => {
    const transitions = [
      transition({ sequence: 42, drill: "drill-0-1" }),
      transition({ at: SINCE, rule: null }),
    ];
    expect(linesOf({ transitions, isCut: true, trouble: undefined })).toEqual([
      "older transitions are left out",
      "2026-11-22T18:27:05.000Z fra/db-1 node_dead confirmed avoid failover seq=41: 5 of 5 sound vantages got no answer",
      "2026-11-22T18:30:04.000Z fra/db-1 node_dead confirmed avoid failover seq=42 rule=good drill=drill-0-1: 5 of 5 sound vantages got no answer",
    ]);
    expect(linesOf({ transitions: [], isCut: false, trouble: "gone" })).toEqual([
      "what has been could not be read: gone",
    ]);
  });

  /** A reader that answers with pages of these sizes. */
  const reader = (...sizes: number[]) => {
    const asked: object[] = [];
    const transitions = async (query: object): Promise<Called<TransitionsAnswer>> => {
      asked.push(query);
      const size = sizes[asked.length - 1] ?? 0;
      const next = asked.length < sizes.length ? `c${asked.length}` : null;
      return { kind: "ok", value: { transitions: Array.from({ length: size }, () => transition()), next } };
    };
    return { asked, transitions };
  };

  it("is read page by page, an empty one in between, and no further than there is room for", async () => {
    const few = reader(2, 0, 1);
    expect(await readPast(few, { since: "-1h", site: "fra" })).toMatchObject({
      isCut: false,
      transitions: { length: 3 },
    });
    expect(few.asked).toEqual([
      { since: "-1h", site: "fra", limit: 100 },
      { since: "-1h", site: "fra", limit: 100, cursor: "c1" },
      { since: "-1h", site: "fra", limit: 100, cursor: "c2" },
    ]);
    const many = reader(100, 100, 100);
    expect(await readPast(many, { since: "-1h", site: undefined }, 150)).toMatchObject({
      isCut: true,
      transitions: { length: 150 },
    });
    expect(many.asked).toHaveLength(2);
  });

  it("stays as last known where it cannot be read, and says why", async () => {
    const known = reader(1);
    const recent = new Recent(known, { since: "-1h", site: undefined });
    await recent.read();
    known.transitions = async () => ({ kind: "failed", detail: "gone" });
    await recent.read();
    expect(recent.past).toMatchObject({
      transitions: { length: 1 },
      trouble: "no answer of the detector: gone",
    });
  });

  it.each([
    [["--since", "1h"], "-1h"],
    [["--since", "-1h"], "-1h"],
    [["--since=-90s"], "-90s"],
    [["--since=2d", "--once"], "-2d"],
    [["fra", "--since", "2026-11-28T06:00:00Z"], "2026-11-28T06:00:00Z"],
    [[], undefined],
  ])("is asked for with %j since %j", (args, since) => {
    const environment = { PARALLAX_URL: "http://x", PARALLAX_TOKEN: "t" };
    expect(parseSettings(args, environment)).toMatchObject({ since });
  });

  it.each([["--since", "yesterday"], ["--since", "1y"], ["--since="], ["--since", "-1h2m"], ["--since"]])(
    "is not asked for with %s %s",
    (...args) => {
      const settings = parseSettings(args, { PARALLAX_URL: "http://x", PARALLAX_TOKEN: "t" });
      expect(settings).toMatch(/--since/);
    },
  );
});
