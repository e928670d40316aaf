import { describe, expect, it } from "vitest";
import { flawsOf, importOf } from "./stage.ts";

const gatus = (text: string, ...flags: string[]) => importOf("gatus", { "gatus.yaml": text }, ...flags);
const one = (endpoint: string, ...flags: string[]) => {
  const { targets, ...rest } = gatus(`endpoints:\n  - ${endpoint}\n`, ...flags);
  return { ...rest, config: Object.values(targets)[0], names: Object.keys(targets) };
};

describe("Gatus' configuration", () => {
  it("gives a target for each endpoint, in the site of its group, with the place it came from", () => {
    const { text, targets, report } = gatus(`
web:
  port: 8080
endpoints:
  - name: Front End
    group: core
    url: https://shop.example/health
    interval: 5m
    client: { timeout: 3s }
    conditions:
      - "[STATUS] == 200"
      - "[BODY] == pat(*all is well*)"
      - "[CERTIFICATE_EXPIRATION] > 48h"
      - "[RESPONSE_TIME] < 150"
  - name: queue
    group: core
    url: tcp://queue.example:5672
    conditions: ["[CONNECTED] == true"]
`);
    expect(targets).toEqual({
      "core/front-end": {
        url: "https://shop.example/health",
        intervalMs: 300_000,
        timeoutMs: 3_000,
        expect: { status: [200], bodyIncludes: "all is well", certDays: 2 },
      },
      "core/queue": { url: "tcp://queue.example:5672", intervalMs: 60_000, timeoutMs: 5_000 },
    });
    expect(text).toContain("    # gatus.yaml:5 core/Front End\n    front-end:\n");
    expect(text).toContain("    # gatus.yaml:15 core/queue\n    queue:\n");
    expect(report).toContain("gatus.yaml:5 core/Front End: condition on [RESPONSE_TIME]: timeoutMs bounds");
    expect(report).toContain("Without a witness");
  });

  it("asks a name server what it was asked", () => {
    const { config } = one(
      '{name: ns, url: "8.8.8.8", dns: {query-name: example.com., query-type: AAAA}, conditions: ["[DNS_RCODE] == NOERROR", "[BODY] == 2001:db8::7"]}',
    );
    expect(config).toMatchObject({
      url: "dns://8.8.8.8/example.com?type=AAAA",
      expect: { rcode: "NOERROR", answers: ["2001:db8::7"] },
    });
    const { config: any, report } = one(
      '{name: ns, url: "8.8.8.8:5353", dns: {query-name: example.com, query-type: A}, conditions: ["[BODY] == pat(*.*.*.*)"]}',
    );
    expect(any).toMatchObject({ url: "dns://8.8.8.8:5353/example.com?type=A" });
    expect(any).not.toHaveProperty("expect");
    expect(report).not.toContain("in part");
  });

  it.each([
    ['"[STATUS] == any(200, 429)"', [200, 429]],
    ['"[STATUS] < 300"', undefined],
    ['"[STATUS] == 299"', [299]],
    ['"[STATUS] >= 500"', [500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511]],
  ])("takes the statuses of %s", (condition, status) => {
    const { config } = one(`{name: a, url: https://a.example, conditions: [${condition}]}`);
    expect(config?.expect).toEqual(status === undefined ? undefined : { status });
  });

  it("keeps what a header refers to, and never writes what one holds", () => {
    const { text, report, config } = one(
      '{name: a, group: g, url: "https://a.example", headers: {Authorization: "Bearer ${TOKEN}", X-Key: s3cret, Accept: "*/*", X-Old: $OLD}, conditions: ["[STATUS] == 200"]}',
    );
    expect(text + report).not.toContain("s3cret");
    expect(config?.headers).toEqual({
      Authorization: "Bearer value of TOKEN",
      "X-Key": "value of G_A_X_KEY",
      Accept: "*/*",
      "X-Old": "value of OLD",
    });
    for (const name of ["TOKEN: header Authorization of g/a", "G_A_X_KEY: ", "OLD: "])
      expect(report).toContain(name);
  });

  it("makes a header of the name and password in a URL", () => {
    const { config, text, report } = one(
      '{name: a, url: "https://me:pa55@a.example/#x", conditions: ["[STATUS] == 200"]}',
    );
    expect(config).toMatchObject({
      url: "https://a.example/",
      headers: { authorization: "value of IMPORTED_A_AUTHORIZATION" },
    });
    expect(text + report).not.toContain("pa55");
  });

  it.each([
    ["method: POST, body: '{}'", "POST"],
    ["client: {insecure: true}", "client.insecure"],
    ["headers: {Host: shop.example}", "header Host"],
    ["client: {proxy-url: 'http://proxy.example'}", "client.proxy-url"],
  ])("pauses what would be asked something else: %s", (setting, why) => {
    const { config, text } = one(`{name: a, url: https://a.example, ${setting}}`);
    expect(config?.paused).toBe(true);
    expect(text).toContain("    # paused: ");
    expect(text).toContain(why);
  });

  it("brings a disabled one paused, without a reason", () => {
    const { config, text } = one("{name: a, url: https://a.example, enabled: false}");
    expect(config?.paused).toBe(true);
    expect(text).not.toContain("# paused");
  });

  it.each([
    ["url: icmp://a.example", "ICMP"],
    ["url: starttls://a.example:25", "STARTTLS"],
    ["url: ssh://a.example", "SSH"],
    ["url: wss://a.example", "WebSocket"],
    ["url: grpc://a.example:1", "gRPC"],
    ["url: udp://a.example:1", "UDP"],
    ["url: 'https://${HOST}/'", "variable"],
    ["url: ftp://a.example", "must begin with"],
    ["url: tcp://a.example", "port"],
  ])("leaves %s behind and says what would be right", (url, why) => {
    const { names, report, text } = one(`{name: a, ${url}}`);
    expect(names).toEqual([]);
    expect(report).toContain("Not carried over (1):\n  gatus.yaml:2 a: ");
    expect(report).toContain(why);
    expect(text).toContain(why);
  });

  it("leaves what is pushed to it, and suites", () => {
    const { report } = gatus(
      "external-endpoints:\n  - {name: pushed, token: t}\nsuites:\n  - name: flow\n    endpoints: []\n",
    );
    expect(report).toContain("gatus.yaml:2 pushed: results are pushed to it");
    expect(report).toContain("gatus.yaml:4 flow: a suite");
  });

  it("makes names fit and numbers those that are the same then", () => {
    const { targets } = gatus(
      `endpoints:\n${[
        "Ümläut Ünit",
        "umlaut.unit",
        "umlaut unit",
        "!!!",
        "0123",
        "true",
        "x".repeat(80),
        `${"x".repeat(80)}y`,
      ]
        .map((name) => `  - {name: "${name}", url: "https://a.example"}`)
        .join("\n")}`,
      "--site",
      "fra",
    );
    expect(Object.keys(targets).toSorted()).toEqual(
      [
        "fra/umlaut-unit",
        "fra/umlaut-unit-2",
        "fra/umlaut-unit-3",
        "fra/target",
        "fra/0123",
        "fra/true",
        `fra/${"x".repeat(63)}`,
        `fra/${"x".repeat(61)}-2`,
      ].toSorted(),
    );
  });

  it("brings times within what there is, and says so", () => {
    const { config, report } = one("{name: a, url: https://a.example, interval: 1s, client: {timeout: 1m}}");
    expect(config).toMatchObject({ intervalMs: 5_000 });
    expect(report).toContain("intervalMs: 1000 became 5000");
    expect(report).toContain("timeoutMs: 60000 became 10000");
    expect(report).toContain("timeoutMs: must be below intervalMs (5000)");
  });

  it.each([
    ["endpoints: [", "gatus.yaml:1 "],
    ["web: {port: 8080}", "gatus.yaml:- endpoints is missing: Gatus' configuration has a list"],
    ["endpoints: []\n---\nendpoints: []\n", "gatus.yaml:2  another document begins here"],
    ["endpoints: 4", "gatus.yaml:1 endpoints must be a list"],
    ["endpoints:\n  - name: a\n", "gatus.yaml:2 endpoints.0.url is missing: what to ask"],
    [
      "endpoints:\n  - name: a\n    url: https://a.example\n    interval: soon\n",
      "gatus.yaml:4 endpoints.0.interval must be a time: 500ms",
    ],
    [
      "endpoints:\n  - name: a\n    url: https://a.example\n    conditions:\n      - up\n",
      "gatus.yaml:5 endpoints.0.conditions.0 must be a comparison",
    ],
    [
      "endpoints:\n  - {name: a, url: https://a.example, headers: [a]}",
      "gatus.yaml:2 endpoints.0.headers must be a mapping",
    ],
    ["endpoints:\n  - {name: a, url: https://a.example, client: {insecure: maybe}}", "must be true or false"],
  ])("says what is wrong with %j", (text, flaw) => {
    expect(flawsOf("gatus", { "gatus.yaml": text }).join("\n")).toContain(flaw);
  });
});
