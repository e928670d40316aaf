import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { exposed, type Metric } from "../../../src/api/exports/exposition.ts";
import { toInstant } from "../../../src/domain/instant.ts";
import { VERSION } from "../../../src/domain/version.ts";
import { VerdictSchema } from "../../../src/domain/verdict.ts";
import { samplesIn, type Sample } from "./exposition.ts";
import { platformError, vantageAnswer, verdictOf } from "../fake.ts";
import { advice } from "../stage.ts";
import { problemIn, READ, world, type World } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

describe("the text format", () => {
  it("is what Prometheus' own example has", () => {
    const metric: Metric = {
      name: "msdos_file_access_time_seconds",
      help: "Escapes\nand \\ too",
      type: "gauge",
      samples: [
        [{ path: "C:\\DIR\\FILE.TXT", error: 'Cannot find file:\n"FILE.TXT"' }, 1.458255915e9],
        [{}, -Infinity],
      ],
    };
    expect(exposed([metric])).toBe(
      String.raw`# HELP msdos_file_access_time_seconds Escapes\nand \\ too
# TYPE msdos_file_access_time_seconds gauge
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1458255915
msdos_file_access_time_seconds -Inf
`,
    );
  });

  it("says nothing of a metric without samples", () => {
    expect(exposed([{ name: "a", help: "A.", type: "gauge", samples: [] }])).toBe("");
  });

  it("keeps every label and number, whatever is in them", () => {
    const values = fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.double()), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(values, (pairs) => {
        const samples = pairs.map(([text, value], index): Metric["samples"][number] => [
          { index: String(index), text },
          value,
        ]);
        const read = samplesIn(exposed([{ name: "a", help: "A.", type: "gauge", samples }]));
        expect(read.map(({ labels, value }) => [labels, value === 0 ? 0 : value])).toEqual(
          samples.map(([labels, value]) => [labels, value === 0 ? 0 : value]),
        );
      }),
    );
  });
});

/** The samples of one scrape. */
const scrape = async ({ ask }: World, query = ""): Promise<Sample[]> => {
  const answer = await ask(`/v1/metrics${query}`, { headers: READ });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return samplesIn(await answer.text());
};

/** The values of a metric, by its labels' values. */
const valuesOf = (samples: Sample[], name: string): Record<string, number> =>
  Object.fromEntries(
    samples
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [Object.values(labels).join(" "), value]),
  );

/** One shard with two targets of one site and one of another. */
const staged = (): World => {
  const built = world();
  const { aggregator } = built;
  aggregator.judge(
    verdictOf({
      asOf: toInstant(Date.now() - 5_000),
      evidence: [
        { vantage: "eeur", at: toInstant(0), outcome: "app_error", stage: "done", totalMs: 250.4 },
        { vantage: "weur", at: toInstant(0), outcome: "ok", stage: "done", totalMs: 12 },
      ],
    }),
  );
  aggregator.judge(
    verdictOf({
      target: "db-2",
      verdict: "node_dead",
      sequence: 7,
      advice: advice("avoid", true),
      evidence: [],
    }),
  );
  aggregator.judge(
    verdictOf({
      site: "ams",
      verdict: "unknown",
      confirmed: false,
      stale: true,
      paused: true,
      asOf: null,
      evidence: [],
    }),
    true,
  );
  aggregator.vantages = [
    vantageAnswer({ lastReportAt: toInstant(Date.now() - 3_000), rearmed: 4 }),
    vantageAnswer({ id: "lab-1", kind: "remote", provider: 'a "b"\\', state: "suspect" }),
  ];
  aggregator.counters = { bursts: 3, burstProbes: 21 };
  aggregator.load = {
    looks: [
      { vantage: "oc", due: 4, overdue: 3, lateMs: 4_000, isLate: true },
      { vantage: "weur", due: 4, overdue: 0, lateMs: 0, isLate: false },
    ],
    behind: [],
    isAlarmLate: false,
    alarmLateMs: 2_500,
    stale: [],
    isOverloaded: true,
  };
  return built;
};

describe("GET /v1/metrics", () => {
  it("has a probe for each vantage's newest observation that counts", async () => {
    const samples = await scrape(staged());
    expect(valuesOf(samples, "probe_success")).toEqual({ "fra db-1 eeur": 0, "fra db-1 weur": 1 });
    expect(valuesOf(samples, "probe_duration_seconds")).toEqual({
      "fra db-1 eeur": 0.2504,
      "fra db-1 weur": 0.012,
    });
  });

  it("has every verdict there is for each target, one of them 1", async () => {
    const verdicts = valuesOf(await scrape(staged()), "parallax_verdict");
    expect(Object.keys(verdicts)).toHaveLength(3 * VerdictSchema.options.length);
    expect(Object.keys(verdicts).filter((key) => verdicts[key] === 1)).toEqual([
      "ams db-1 unknown",
      "fra db-1 alive",
      "fra db-2 node_dead",
    ]);
  });

  it.each([
    ["parallax_verdict_confirmed", 0, 1, 1],
    ["parallax_verdict_stale", 1, 0, 0],
    ["parallax_verdict_sequence", 42, 42, 7],
    ["parallax_verdict_rehearsal", 1, 0, 0],
    ["parallax_routing_serve", 1, 1, 0],
    ["parallax_failover_advised", 0, 0, 1],
    ["parallax_target_paused", 1, 0, 0],
  ])("%s says of each target what its verdict does", async (name, ams, fra1, fra2) => {
    expect(valuesOf(await scrape(staged()), name)).toEqual({
      "ams db-1": ams,
      "fra db-1": fra1,
      "fra db-2": fra2,
    });
  });

  it("advises failover in no case in which the check path would not", async () => {
    const { aggregator, ...rest } = world();
    const dead = { verdict: "node_dead", advice: advice("avoid", true) } as const;
    aggregator.judge(verdictOf({ ...dead, target: "rehearsed" }), true);
    aggregator.judge(verdictOf({ ...dead, target: "stale", stale: true }));
    aggregator.judge(verdictOf({ ...dead, target: "unconfirmed", confirmed: false }));
    aggregator.judge(verdictOf({ ...dead, target: "dead" }));
    expect(valuesOf(await scrape({ aggregator, ...rest }), "parallax_failover_advised")).toEqual({
      "fra dead": 1,
      "fra rehearsed": 0,
      "fra stale": 0,
      "fra unconfirmed": 0,
    });
  });

  it("tells ages in seconds, and none of what was never seen", async () => {
    const samples = await scrape(staged());
    const age = valuesOf(samples, "parallax_verdict_age_seconds");
    expect(Object.keys(age)).toEqual(["fra db-1", "fra db-2"]);
    expect(age["fra db-1"]).toBeGreaterThanOrEqual(5);
    expect(age["fra db-1"]).toBeLessThan(10);
    const report = valuesOf(samples, "parallax_vantage_last_report_age_seconds");
    expect(Object.keys(report)).toEqual(["weur"]);
    expect(report["weur"]).toBeGreaterThanOrEqual(3);
  });

  it("has the vantages and the counters, labels escaped", async () => {
    const samples = await scrape(staged());
    expect(samples.filter(({ name }) => name === "parallax_vantage_sound")).toEqual([
      expect.objectContaining({ value: 1 }),
      expect.objectContaining({
        labels: { vantage: "lab-1", kind: "remote", region: "weur", provider: 'a "b"\\' },
        value: 0,
      }),
    ]);
    expect(valuesOf(samples, "parallax_reports_total")).toEqual({ "0 weur": 1, "0 lab-1": 1 });
    expect(valuesOf(samples, "parallax_observations_total")).toEqual({ "0 weur": 2, "0 lab-1": 2 });
    expect(valuesOf(samples, "parallax_outbox_dropped_total")).toEqual({ "0 weur": 0, "0 lab-1": 0 });
    expect(valuesOf(samples, "parallax_vantage_restarts_total")).toEqual({ "0 weur": 4, "0 lab-1": 0 });
    expect(valuesOf(samples, "parallax_bursts_total")).toEqual({ "0": 3 });
    expect(valuesOf(samples, "parallax_burst_probes_total")).toEqual({ "0": 21 });
    expect(valuesOf(samples, "parallax_targets")).toEqual({ "0": 3 });
    expect(valuesOf(samples, "parallax_build_info")).toEqual({ [VERSION]: 1 });
  });

  it("tells an overloaded detector from a quiet one", async () => {
    const samples = await scrape(staged());
    expect(valuesOf(samples, "parallax_overloaded")).toEqual({ "0": 1 });
    expect(valuesOf(samples, "parallax_overdue_looks")).toEqual({ "0 oc": 3, "0 weur": 0 });
    expect(valuesOf(samples, "parallax_tick_lateness_seconds")).toEqual({ "0 oc": 4, "0 weur": 0 });
    expect(valuesOf(samples, "parallax_alarm_lateness_seconds")).toEqual({ "0": 2.5 });
    expect(valuesOf(await scrape(world()), "parallax_overloaded")).toEqual({ "0": 0 });
  });

  it("has what each webhook has sent and has to send", async () => {
    const built = staged();
    built.aggregator.tallies = [{ id: "ops", pending: 2, delivered: 40, failed: 5, dead: 1, dropped: 0 }];
    const samples = await scrape(built);
    expect(valuesOf(samples, "parallax_webhook_deliveries_total")).toEqual({
      "0 ops delivered": 40,
      "0 ops failed": 5,
      "0 ops dropped": 0,
    });
    expect(valuesOf(samples, "parallax_webhook_messages")).toEqual({ "0 ops pending": 2, "0 ops dead": 1 });
  });

  it("of a deployment without targets still says that it is up", async () => {
    const samples = await scrape(world());
    expect(valuesOf(samples, "parallax_shard_up")).toEqual({ "0": 1 });
    expect(valuesOf(samples, "parallax_targets")).toEqual({ "0": 0 });
  });

  it("of one site has that site's targets, and of one that is not there is 404", async () => {
    const built = staged();
    expect(Object.keys(valuesOf(await scrape(built, "?site=ams"), "parallax_verdict_stale"))).toEqual([
      "ams db-1",
    ]);
    const problem = await problemIn(await built.ask("/v1/metrics?site=nowhere", { headers: READ }));
    expect(problem.status).toBe(404);
  });

  it("HEAD answers as GET does", async () => {
    const answer = await staged().ask("/v1/metrics", { method: "HEAD", headers: READ });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(answer.headers.get("Content-Type")).toContain("version=0.0.4");
  });
});

describe("a shard in trouble", () => {
  /** Two shards, one of which has the site fra and the other ams. */
  const two = (): World => {
    const built = world({ shards: 2 });
    for (const [index, shard] of built.shards.entries()) {
      shard.shardHealth.shard = index;
      shard.judge(verdictOf({ target: `db-${index}` }));
    }
    return built;
  };

  it.each([
    ["throws", () => Promise.reject(platformError())],
    ["is silent", () => new Promise<void>(() => {})],
  ])("that %s takes nothing away but its own", async (_, mood) => {
    const built = two();
    built.shards[1]!.mood = mood;
    const samples = await scrape(built);
    expect(valuesOf(samples, "parallax_shard_up")).toEqual({ "0": 1, "1": 0 });
    expect(valuesOf(samples, "parallax_targets")).toEqual({ "0": 1 });
    expect(Object.keys(valuesOf(samples, "parallax_verdict_confirmed"))).toEqual(["fra db-0"]);
  });

  it("that has the one site asked for leaves little, and is no 404", async () => {
    const built = two();
    for (const shard of built.shards) shard.mood = () => Promise.reject(platformError());
    const samples = await scrape(built, "?site=fra");
    expect(samples.map(({ name }) => name)).toEqual(["parallax_shard_up", "parallax_build_info"]);
  });

  it("never makes a counter seem to fall: each shard has its own", async () => {
    const samples = await scrape(two());
    expect(valuesOf(samples, "parallax_reports_total")).toEqual({ "0 weur": 1, "1 weur": 1 });
    expect(valuesOf(samples, "parallax_vantage_sound")).toEqual({ "weur regional weur cloudflare": 1 });
  });
});
