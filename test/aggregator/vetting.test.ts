/** A vantage's token in wrong hands: the shard keeps nothing that it did not ask that vantage for, and the thief cannot mute the owner. */
import { reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AssignmentSource } from "../../src/aggregator/assignment.ts";
import { askedOf, sequenceMax, vetted, Vetting } from "../../src/aggregator/vetting.ts";
import { toInstant } from "../../src/domain/instant.ts";
import { keyOf } from "../../src/domain/name.ts";
import type { Report } from "../../src/domain/report.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";
import type { Vantage } from "../../src/domain/vantage.ts";
import { forget, put, query, reportOf, rpc } from "./scene.ts";

const NOW = Date.UTC(2026, 10, 1);
const CONTROL = "https://control.example/";
const roster: Vantage[] = [
  { id: "lab-1", kind: "remote", region: "hel", provider: "own" },
  { id: "fra-in", kind: "remote", region: "fra", provider: "own", site: "fra" },
  { id: "ams-in", kind: "remote", region: "ams", provider: "own", site: "ams", sites: ["ams"] },
  { id: "ams-2", kind: "remote", region: "ams-2", provider: "own", sites: ["ams"] },
  { id: "both", kind: "remote", region: "both", provider: "own", site: "fra", sites: ["fra", "ams"] },
];
const row = (site: string, target: string, config: object = {}): AssignmentSource["targets"][number] => ({
  site,
  target,
  config: completeTarget(TargetSchema.parse({ url: "tcp://192.0.2.1:80", intervalMs: 10_000, ...config })),
  revision: 1,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
});
const SOURCE: AssignmentSource = {
  version: 7,
  shard: 0,
  controls: [CONTROL],
  drills: [],
  roster,
  allowPrivate: false,
  targets: [
    row("fra", "db-1", { witness: "tcp://192.0.2.1:22" }),
    row("fra", "db-2", { vantages: ["lab-1"] }),
    row("ams", "web-1"),
    row("ams", "web-2", { paused: true }),
  ],
};
const blank = (part: Partial<Report> = {}): Report => ({
  vantage: "lab-1",
  sequence: 1,
  madeAt: NOW,
  version: 7,
  dropped: 0,
  observations: [],
  controls: [],
  ...part,
});
const seen = (site: string, target: string, part: object = {}): Report["observations"][number] => ({
  site,
  target,
  subject: "target",
  begin: NOW - 1_000,
  outcome: "ok",
  stage: "done",
  totalMs: 5,
  ...part,
});
const control = (url: string, begin = NOW): Report["controls"][number] => ({
  url,
  begin,
  outcome: "ok",
  stage: "done",
  totalMs: 5,
});

describe("what is kept of a report", () => {
  it.each<[string, Partial<Report>, number]>([
    ["a target that is assigned", { observations: [seen("ams", "web-1")] }, 0],
    ["a target that there is not", { observations: [seen("ams", "web-9")] }, 1],
    ["a target that is paused", { observations: [seen("ams", "web-2")] }, 1],
    ["a witness", { observations: [seen("fra", "db-1", { subject: "witness" })] }, 0],
    ["a witness where there is none", { observations: [seen("ams", "web-1", { subject: "witness" })] }, 1],
    ["a look of a minute ahead", { observations: [seen("ams", "web-1", { begin: NOW + 60_001 })] }, 1],
    ["a look of the day before", { observations: [seen("ams", "web-1", { begin: NOW - 86_400_001 })] }, 1],
    ["a control that is configured", { controls: [control(CONTROL)] }, 0],
    ["another", { controls: [control("https://else.example/"), control(CONTROL, 1)] }, 2],
  ])("of %s", (_name, part, refused) => {
    const kept = vetted(blank(part), askedOf("lab-1", SOURCE), NOW);
    expect(kept.refused).toBe(refused);
    expect(kept.report.observations.length + kept.report.controls.length).toBe(refused === 0 ? 1 : 0);
  });

  it("is of a vantage inside a site only what is there, unless a target names others", () => {
    expect([...askedOf("fra-in", SOURCE).targets.keys()]).toEqual([keyOf("fra", "db-1")]);
    expect(askedOf("lab-1", SOURCE).targets.size).toBe(3);
  });

  it.each<[string, string, string[], [string, string][]]>([
    ["inside another site", "ams-in", ["ams/web-1"], [["fra", "db-1"]]],
    ["outside, made for other sites", "ams-2", ["ams/web-1"], [["fra", "db-1"]]],
    ["inside the site, of a target that names others", "fra-in", ["fra/db-1"], [["fra", "db-2"]]],
    ["made for two sites, of a target that names others", "both", ["ams/web-1"], [["fra", "db-2"]]],
  ])("never is what a vantage tells that stands %s", (_name, vantage, own, others) => {
    const asked = askedOf(vantage, SOURCE);
    expect([...asked.targets.keys()]).toEqual(
      expect.arrayContaining(own.map((key) => keyOf(...(key.split("/") as [string, string])))),
    );
    const sent = blank({
      vantage,
      observations: others.flatMap(([site, target]) => [
        seen(site, target),
        seen(site, target, { subject: "witness" }),
      ]),
    });
    expect(vetted(sent, asked, NOW)).toMatchObject({
      refused: sent.observations.length,
      report: { observations: [] },
    });
  });

  it("is never more than was asked for, whatever is sent", () => {
    const name = fc.constantFrom("fra", "ams", "db-1", "db-2", "web-1", "web-2", "__proto__", "constructor");
    const observation = fc.record({
      site: name,
      target: name,
      subject: fc.constantFrom("target" as const, "witness" as const),
      begin: fc.oneof(fc.nat(), fc.integer({ min: NOW - 100_000_000, max: NOW + 100_000 })),
    });
    const asked = askedOf("lab-1", SOURCE);
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 40 }), (all) => {
        const sent = blank({ observations: all.map((one) => seen(one.site, one.target, one)) });
        const { report, refused } = vetted(sent, asked, NOW);
        expect(report.observations.length + refused).toBe(all.length);
        for (const { site, target, subject } of report.observations)
          expect(asked.targets.get(keyOf(site, target)) === true || subject === "target").toBe(true);
      }),
    );
  });
});

describe("the vetting of a shard", () => {
  const vetting = (version = { now: 7 }): Vetting =>
    new Vetting(
      () => SOURCE,
      () => version.now,
    );

  it("takes no report numbered higher than one can have come to", () => {
    const shard = vetting();
    const max = sequenceMax(NOW);
    expect(shard.vet(blank({ sequence: max }), NOW).kind).toBe("taken");
    expect(shard.vet(blank({ sequence: max + 1 }), NOW).kind).toBe("refused");
    // … and the next report that the shard takes says so.
    expect(shard.vet(blank(), NOW)).toMatchObject({ kind: "taken", report: { refused: 1 } });
  });

  it("blames nobody for what a change of its assignment may have caused", () => {
    const version = { now: 7 };
    const shard = vetting(version);
    const stray = blank({ observations: [seen("ams", "web-9")] });
    expect(shard.vet(stray, NOW)).toEqual({ kind: "taken", report: blank() });
    expect(shard.vet(stray, NOW + 60_000)).toMatchObject({ report: { refused: 1 } });
    expect(shard.vet({ ...stray, version: 6 }, NOW + 60_000)).toEqual({
      kind: "taken",
      report: blank({ version: 6 }),
    });
    version.now = 8;
    expect(shard.vet({ ...stray, version: 8 }, NOW + 60_000)).toEqual({
      kind: "taken",
      report: blank({ version: 8 }),
    });
  });

  it("believes no vantage's own count of what it refused", () => {
    expect(vetting().vet(blank({ refused: 5 }), NOW)).toEqual({ kind: "taken", report: blank() });
  });

  it("lets nobody tell more than an outbox holds at once, and then more than it looks", () => {
    const shard = vetting();
    const full = blank({ observations: Array.from({ length: 500 }, () => seen("ams", "web-1")) });
    const takes = (at: number): boolean => shard.vet(full, at).kind === "taken";
    const atOnce = Array.from({ length: 20 }, () => takes(NOW)).filter(Boolean).length;
    // 256 reports of three targets, their witnesses and one control: 2,048 observations.
    expect(atOnce).toBe(4);
    expect(takes(NOW + 15_000)).toBe(false);
    expect(takes(NOW + 30_000)).toBe(true);
  });
});

describe("a stolen token", () => {
  const OUTSIDE: Vantage = { id: "lab-1", kind: "remote", region: "hel", provider: "hetzner" };
  const token = { id: "t-lab-1", scope: "vantage" as const, vantage: "lab-1" };
  beforeEach(async () => {
    await reset();
    forget();
    vi.setSystemTime(NOW);
    await put("fra", "db-1");
    await rpc().addVantage(OUTSIDE, { ...token, createdAt: toInstant(NOW) }, "hash-1");
  });
  const shown = async () => (await rpc().listVantages()).find(({ id }) => id === "lab-1");
  const journalled = async (): Promise<number> =>
    (await query<{ n: number }>("SELECT coalesce(sum(length(events)), 0) AS n FROM journal"))[0]?.n ?? 0;

  it("fills nothing", async () => {
    await rpc().exchange("lab-1", 9, [reportOf("lab-1", ["fra/db-1"])]);
    const before = await journalled();
    for (let call = 0; call < 10; call++) {
      const report = reportOf(
        "lab-1",
        Array.from({ length: 1_000 }, (_, at) => `fra/none-${at}`),
      );
      const controls = Array.from({ length: 16 }, (_, at) =>
        control(`https://${"x".repeat(2_000)}/${call}-${at}`),
      );
      await rpc().exchange("lab-1", 9, [{ ...report, controls }]);
    }
    expect((await journalled()) - before).toBeLessThan(10 * 500);
    expect((await shown())?.controls).toEqual([]);
  });

  it("makes its vantage suspect once it keeps on telling what it was not asked for", async () => {
    const stray = (): Promise<unknown> => rpc().exchange("lab-1", 9, [reportOf("lab-1", ["fra/none"])]);
    await stray();
    vi.setSystemTime(NOW + 60_000);
    for (let times = 0; times < 2; times++) await stray();
    expect(await shown()).toMatchObject({ state: "sound", counts: { refused: 2 } });
    await stray();
    expect(await shown()).toMatchObject({ state: "suspect", counts: { refused: 3 } });
  });

  it("mutes nobody: what it numbers too high is not taken, and a rotation numbers anew", async () => {
    const report = reportOf("lab-1", ["fra/db-1"]);
    const high = await rpc().exchange("lab-1", 9, [{ ...report, sequence: Number.MAX_SAFE_INTEGER }]);
    expect(high.acknowledged).toBe(0);
    const most = await rpc().exchange("lab-1", 9, [{ ...report, sequence: sequenceMax(NOW) }]);
    expect(most.acknowledged).toBe(sequenceMax(NOW));
    await rpc().rotateVantage("lab-1", { ...token, createdAt: toInstant(NOW) }, "hash-2");
    expect((await rpc().exchange("lab-1", 9, [report])).acknowledged).toBe(report.sequence);
  });
});
