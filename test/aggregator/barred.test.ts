import { describe, expect, it } from "vitest";
import { assignmentFor } from "../../src/aggregator/assignment.ts";
import { judgedOf, shown } from "../../src/aggregator/target-rules.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";

const request = (config: object) =>
  completeTarget(TargetSchema.parse({ url: "http://127.0.0.1:9000/", intervalMs: 5_000, ...config }));

describe("a vantage is told that a target must be a public place", () => {
  it.each<[string, object, boolean, string[]]>([
    ["nobody, where private places are allowed", {}, true, []],
    [
      "all but those inside the site, where its names may lead to private addresses",
      {},
      false,
      ["weur", "lab-1"],
    ],
    ["nobody where remote vantages alone are named", { vantages: ["lab-1", "in-1"] }, false, []],
    ["whoever looks from elsewhere", { vantages: ["lab-1", "weur"] }, false, ["weur", "lab-1"]],
  ])("%s", (_name, config, allowPrivate, told) => {
    const roster = [
      { id: "weur", kind: "regional" as const, region: "weur", provider: "cloudflare" },
      { id: "lab-1", kind: "remote" as const, region: "hel", provider: "own" },
      { id: "in-1", kind: "remote" as const, region: "fra", provider: "own", site: "fra" },
    ];
    const row = { site: "fra", target: "db-1", revision: 1, version: 1, createdAt: 0, updatedAt: 0 };
    const targets = [{ ...row, config: request({ url: "http://node.example/", ...config }) }];
    const source = { version: 1, shard: 0, controls: [], drills: [], targets, roster, allowPrivate };
    const publicOnly = roster
      .map(({ id }) => id)
      .filter((id) => assignmentFor(id, source).targets[0]?.publicOnly === true);
    expect(publicOnly).toEqual(told);
  });
});

describe("targets", () => {
  it.each<[string, object, boolean]>([
    ["a private place", { url: "tcp://10.0.0.7:22" }, true],
    ["a name of this network", { url: "http://db.internal/" }, true],
    ["a private witness", { url: "http://node.example/", witness: "tcp://10.0.0.7:22" }, true],
    ["a public place", { url: "http://node.example/" }, false],
    ["a private place that remote vantages alone look at", { vantages: ["lab-1"] }, false],
    ["a private place that a remote vantage looks at too", { vantages: ["lab-1", "weur"] }, true],
  ])("with %s, stored while that was allowed, are looked at no more: %j is %s", (_name, config, isBarred) => {
    const roster = [
      { id: "weur", kind: "regional" as const, region: "weur", provider: "cloudflare" },
      { id: "lab-1", kind: "remote" as const, region: "hel", provider: "own" },
    ];
    const row = { site: "fra", target: "db-1", revision: 1, version: 1, createdAt: 0, updatedAt: 0 };
    const stored = { ...row, config: request({ url: "tcp://127.0.0.1:9000", ...config }) };
    for (const allowPrivate of [true, false]) {
      const permission = { roster, allowPrivate };
      const source = { version: 1, shard: 0, controls: [], drills: [], targets: [stored], ...permission };
      const isOut = isBarred && !allowPrivate;
      const looking = judgedOf(stored, permission, undefined, 0).vantages;
      expect(looking.map((id) => assignmentFor(id, source).targets.length)).toEqual(
        looking.map(() => (isOut ? 0 : 1)),
      );
      expect(judgedOf(stored, permission, undefined, 0).paused).toBe(isOut);
      const warned = shown(stored, 1, permission).answer.warnings.filter((one) => /ALLOW_PRIVATE/.test(one));
      expect(warned).toHaveLength(isOut ? 1 : 0);
    }
  });
});
