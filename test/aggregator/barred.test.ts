import { describe, expect, it } from "vitest";
import { assignmentFor } from "../../src/aggregator/assignment.ts";
import { judgedOf, shown } from "../../src/aggregator/targets.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";

const request = (config: object) =>
  completeTarget(TargetSchema.parse({ url: "http://127.0.0.1:9000/", intervalMs: 5_000, ...config }));

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
