import { describe, expect, it } from "vitest";
import { paired, pairLines, whysOf } from "../../../src/cli/shadow/pairing.ts";
import { endpointsIn } from "../../../src/cli/shadow/sources/gatus-source.ts";
import { serversIn } from "../../../src/cli/shadow/sources/haproxy-source.ts";
import { kumaMonitors } from "../../../src/cli/shadow/sources/kuma-source.ts";
import { seriesIn } from "../../../src/cli/shadow/sources/prometheus-source.ts";
import type { Named } from "../../../src/cli/shadow/sources/checker-source.ts";

const named = (name: string, site: string | undefined, target: string, up: Named["up"]): Named => ({
  name,
  site,
  target,
  up,
});
const vector = (...series: [Record<string, string>, string][]) => ({
  status: "success",
  data: { resultType: "vector", result: series.map(([metric, value]) => ({ metric, value: [1.5, value] })) },
});

describe("what a checker says", () => {
  it("of Prometheus: a series each, by its instance, 0 for down", () => {
    const answer = vector(
      [{ __name__: "probe_success", instance: "https://db-1.example:8443/health/?x=1", zone: "fra" }, "1"],
      [{ instance: "db-2:80" }, "0"],
      [{ instance: "db-3" }, "NaN"],
      [{ instance: "twice", job: "a" }, "2"],
      [{ instance: "twice", job: 'b"' }, "0"],
    );
    expect(seriesIn(answer, ["site", "zone"])).toEqual([
      named("https://db-1.example:8443/health/?x=1", "fra", "db-1.example:8443/health", true),
      named("db-2:80", undefined, "db-2:80", false),
      named("db-3", undefined, "db-3", null),
      named('{instance="twice",job="a"}', undefined, "twice", true),
      named('{instance="twice",job="b\\""}', undefined, "twice", false),
    ]);
  });

  it("of Gatus: the newest result of each endpoint", () => {
    const results = [
      { success: false, timestamp: "2026-11-28T10:00:00Z" },
      { success: true, timestamp: "2026-11-28T10:00:30Z" },
    ];
    expect(
      endpointsIn([
        { name: "front", group: "core", results },
        { name: "back", results: results.toReversed() },
        { name: "new", group: "", results: null },
        { name: "odd", results: [{}] },
      ]),
    ).toEqual([
      named("core/front", "core", "front", true),
      named("back", undefined, "back", true),
      named("new", undefined, "new", null),
      named("odd", undefined, "odd", null),
    ]);
  });

  it("of Uptime Kuma: 1 up, 0 down, 2 as before, 3 neither; names of two monitors neither", () => {
    const text = String.raw`# HELP monitor_status Monitor Status
monitor_response_time{monitor_name="db-1"} 3
monitor_status{monitor_name="db-1",monitor_type="http",monitor_url="http://x/}\"",monitor_hostname="null",monitor_port="null"} 1
monitor_status{monitor_type="port",monitor_name="DB \"2\" \\ a\nb"} 0
monitor_status{monitor_name="pending"} 2
monitor_status{monitor_name="mended"} 3
monitor_status{monitor_name="twice"} 1
monitor_status{monitor_name="twice"} 0
`;
    const one = (name: string, up: Named["up"]) => named(name, undefined, name, up);
    expect(kumaMonitors(text)).toEqual([
      one("db-1", true),
      one('DB "2" \\ a\nb', false),
      one("pending", undefined),
      one("mended", null),
      one("twice", null),
    ]);
  });

  it("of HAProxy: the servers of its backends, by their status", () => {
    const row = (server: string, status: string, type = "2"): string =>
      `db,${server},0,${status},1,${type},"a,b"`;
    const text = [
      "# pxname,svname,qcur,status,weight,type,last_chk",
      row("FRONTEND", "OPEN", "0"),
      row("s1", "UP"),
      row("s2", "UP 1/3"),
      row("s3", "DOWN"),
      row("s4", "DOWN 1/2"),
      row("s5", "MAINT (via db/s1)"),
      row("s6", "no check"),
      row("s7", "NOLB"),
      "",
    ].join("\n");
    expect(serversIn(text).map(({ name, up }) => [name, up])).toEqual([
      ["db/s1", true],
      ["db/s2", true],
      ["db/s3", false],
      ["db/s4", false],
      ["db/s5", null],
      ["db/s6", null],
      ["db/s7", true],
    ]);
  });

  it.each([
    [
      "Prometheus",
      () => seriesIn({ status: "success", data: { resultType: "scalar", result: [1, "1"] } }, []),
      "--query must give one",
    ],
    [
      "Prometheus, by half",
      () => seriesIn(vector([{}, 1 as unknown as string]), []),
      "--query must give one",
    ],
    ["Prometheus, by nothing", () => seriesIn(null, []), "--query must give one"],
    ["Gatus", () => endpointsIn({}), "WHERE must be Gatus' own address"],
    ["Gatus, without a name", () => endpointsIn([{ group: "a" }]), "with a name each"],
    ["Kuma", () => kumaMonitors("<!doctype html>"), "WHERE must be Uptime Kuma's own address"],
    ["Kuma, without a name", () => kumaMonitors('monitor_status{x="y"} 1'), "no monitor_name"],
    ["HAProxy", () => serversIn("<html>"), "WHERE must be that page"],
    [
      "too many",
      () =>
        kumaMonitors(
          Array.from({ length: 10_001 }, (_, index) => `monitor_status{monitor_name="${index}"} 1`).join(
            "\n",
          ),
        ),
      "at most 10000",
    ],
    [
      "a long name",
      () => kumaMonitors(`monitor_status{monitor_name="${"x".repeat(501)}"} 1`),
      "longer than 500",
    ],
  ])("that is not %s' is refused with what would be right", (_, read, why) => {
    expect(read).toThrow(why);
  });
});

describe("names", () => {
  const targets = new Set([
    "fra/db-1",
    "fra/db-2",
    "ams/db-2",
    "imported/web-example-8080",
    "core/front-end",
  ]);
  const rules = (map: Record<string, string> = {}, site?: string) => ({
    map: new Map(Object.entries(map)),
    site,
  });
  const kuma = (name: string) => named(name, undefined, name, true);
  it.each([
    ["the very name", named("fra/db-1", "x", "y", true), rules(), "fra/db-1"],
    ["import's name", named("core/Front end", "core", "Front end", true), rules(), "core/front-end"],
    ["import's site for what has none", kuma("web.example:8080"), rules(), "imported/web-example-8080"],
    ["the target's name alone, where one has it", kuma("DB 1"), rules(), "fra/db-1"],
    ["nobody, where two have it", kuma("db-2"), rules(), undefined],
    ["the site that import was given", kuma("db-2"), rules({}, "ams"), "ams/db-2"],
    [
      "whom it is mapped to, before all",
      named("fra/db-1", "fra", "db-1", true),
      rules({ "fra/db-1": "ams/db-2" }),
      "ams/db-2",
    ],
    ["nobody, where it is mapped to no target", kuma("DB 1"), rules({ "DB 1": "fra/gone" }), undefined],
    ["nobody, whatever it is called", kuma("__proto__"), rules(), undefined],
  ])("stand for %s", (_, one, given, expected) => {
    const { pairs, unmatched } = paired([one], targets, given);
    expect(pairs).toEqual(expected === undefined ? {} : { [one.name]: expected });
    expect(unmatched).toEqual(expected === undefined ? [one.name] : []);
  });

  it("that would stand for one target stand for nobody, and all of it is listed", () => {
    const found = paired([kuma("db 1"), kuma("DB-1"), kuma("web.example:8080")], targets, rules());
    expect(found.pairs).toEqual({ "web.example:8080": "imported/web-example-8080" });
    const lines = pairLines(found, ["gone\u0007"]).join("\n");
    expect(lines).toContain("web.example:8080 = imported/web-example-8080");
    expect(lines).toMatch(/of the checker alone.*\(2\).*--map[^]*DB-1[^]*db 1/);
    expect(lines).toMatch(/mapped, and not among the checker's names \(1\):\n  gone $/);
    expect(lines).toMatch(/of Parallax alone \(4\)[^]*ams\/db-2/);
  });

  it("that are mapped to no target, or to one that is named twice, are told so", () => {
    const given = rules({ a: "fra/nope", b: "fra/db-1", c: "fra/db-1" });
    const named = [kuma("a"), kuma("b"), kuma("c"), kuma("d")];
    const lines = pairLines(paired(named, targets, given), [], whysOf(named, targets, given));
    expect(lines).toEqual(
      expect.arrayContaining([
        "  a: there is no target fra/nope",
        "  b: fra/db-1 is named twice",
        "  c: fra/db-1 is named twice",
        "  d",
      ]),
    );
  });
});
