import { describe, expect, it } from "vitest";
import { type EvidenceEvent, keysOf, sitesOf } from "../../src/domain/evidence.ts";
import { judged, KEY, notice, NOW, observation, report } from "../verdict/made.ts";

const [site, target] = ["fra", "db-1"];

describe("what an event speaks of", () => {
  it.each<[string, EvidenceEvent, string[]]>([
    ["a roster of no target", { kind: "roster", vantages: [] }, []],
    [
      "a configuration of its target",
      { kind: "target", target: judged(KEY), url: "tcp://x:1", version: 1 },
      [KEY],
    ],
    ["a removal of its target", { kind: "removed", site, target }, [KEY]],
    ["an override of its target", { kind: "override", site, target, override: null }, [KEY]],
    [
      "a heartbeat of its sender",
      { kind: "heartbeat", heartbeat: { site, target, bootId: "b", at: NOW } },
      [KEY],
    ],
    ["a notice of its process", { kind: "notice", notice: notice("crash") }, [KEY]],
    [
      "a report of all that it looked at",
      { kind: "report", report: report("a", [observation(KEY, NOW), observation("ams/web-1", NOW)]) },
      [KEY, "ams/web-1"],
    ],
  ])("is, of %s", (_name, event, keys) => {
    expect(keysOf(event)).toEqual(keys);
  });

  it("is of as many sites as its targets stand in", () => {
    expect([...sitesOf([KEY, "fra/db-2", "ams/web-1"])]).toEqual(["fra", "ams"]);
  });
});
