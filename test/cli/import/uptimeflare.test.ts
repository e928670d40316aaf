import { describe, expect, it } from "vitest";
import { flawsOf, importOf } from "./stage.ts";

const FILE = "uptime.config.ts";
const flare = (text: string) => importOf("uptimeflare", { [FILE]: text });
const one = (fields: string) => {
  const { targets, ...rest } = flare(`const workerConfig = {\n  monitors: [\n    {${fields}},\n  ],\n}\n`);
  return { ...rest, config: Object.values(targets)[0] };
};

describe("UptimeFlare's configuration", () => {
  it("gives a target for each monitor that is written as plain values", () => {
    const { targets, text } = flare(`import type { WorkerConfig } from './types/config'

const pageConfig = { title: "monitors: [not this]", links: [{ link: 'https://a.example', label: 'A' }] }
// monitors: [ nor this ]
const workerConfig: WorkerConfig = {
  kvWriteCooldownMinutes: 3,
  monitors: [
    // The shop's front.
    {
      id: 'shop',
      name: 'It\\'s the "shop"', /* shown
      on the page */
      method: 'GET',
      target: \`https://shop.example/health\`,
      expectedCodes: [200, 299],
      timeout: 10_000,
      headers: { 'X-Key': 's3cret', "Accept": "*/*", },
      body: undefined,
      responseKeyword: 'open \\u{1f600}',
      tooltip: 'shown',
    },
    { id: "db", name: "db", method: "TCP_PING", target: "db.example:5432" },
  ],
  callbacks: {
    onStatusChange: async (env: any, monitor: any) => { await fetch(\`https://b.example/\${monitor.id}\`) },
  },
}
export { pageConfig, workerConfig }
`);
    expect(targets).toEqual({
      "imported/shop": {
        url: "https://shop.example/health",
        intervalMs: 60_000,
        timeoutMs: 10_000,
        expect: { status: [200, 299], bodyIncludes: "open \u{1f600}" },
        headers: { "X-Key": "value of IMPORTED_SHOP_X_KEY", Accept: "*/*" },
      },
      "imported/db": { url: "tcp://db.example:5432", intervalMs: 60_000, timeoutMs: 5_000 },
    });
    expect(text).toContain("# uptime.config.ts:9 shop\n");
    expect(text).toContain("# uptime.config.ts:22 db\n");
    expect(text).not.toContain("s3cret");
  });

  it("takes no other list of that name, and no header that is Parallax' own", () => {
    const { targets, report } = flare(`const maintenances = [{ monitors: ['a', 'b'] }]
const workerConfig = { monitors: [ { id: 'a', target: 'https://a.example', headers: { 'User-Agent': 'x' } } ] }`);
    expect(Object.keys(targets)).toEqual(["imported/a"]);
    expect(report).toContain("headers.User-Agent: is set by Parallax itself");
    expect(report).not.toContain("To be set");
  });

  it("reads a list that stands alone", () => {
    const { targets } = flare(
      "const monitors: MonitorTarget[] = [{ id: 'a', target: 'https://a.example' }] as const",
    );
    expect(Object.keys(targets)).toEqual(["imported/a"]);
  });

  it("says of each value that the program works out where it is, and runs nothing", () => {
    const { config, report } = one(
      "id: 'a', target: 'https://a.example', timeout: 10 * 1000, responseKeyword: WORD, ...common,\n headers: { 'x-key': process.env.KEY, 'x-other': `Bearer ${token}` }",
    );
    expect(config).toEqual({
      url: "https://a.example",
      intervalMs: 60_000,
      timeoutMs: 5_000,
      headers: { "x-key": "value of KEY" },
    });
    expect(report).toContain("uptime.config.ts:3 10 * 1000: is worked out by the program");
    expect(report).toContain("uptime.config.ts:3 WORD: is worked out");
    expect(report).toContain("uptime.config.ts:3 ...common: is worked out");
    expect(report).toContain("uptime.config.ts:4 a template: is worked out");
    expect(report).toContain("KEY: header x-key of imported/a");
  });

  it("leaves a monitor whose target is worked out", () => {
    const { config, report } = one("id: 'a', target: BASE");
    expect(config).toBeUndefined();
    expect(report).toContain("uptime.config.ts:3 a: its target is worked out by the program");
  });

  it("pauses what would be asked something else, and tells of settings with no like", () => {
    const { config, report } = one(
      "id: 'a', target: 'https://a.example', method: 'POST', body: 'x', responseForbiddenKeyword: 'no', checkProxy: 'worker://weur'",
    );
    expect(config?.paused).toBe(true);
    for (const field of ["method POST", "responseForbiddenKeyword", "checkProxy"])
      expect(report).toContain(field);
  });

  it.each([
    ["export default {}", "uptime.config.ts:- monitors is missing"],
    ["const c = { monitors: [ { id: 'a' } ] }", "uptime.config.ts:1 0.target is missing: what to ask"],
    [
      "const c = {\n monitors: [\n { id: isA ? 'a' : 'b' } ] }",
      "uptime.config.ts:3  only plain values are read here",
    ],
    [
      "const c = { monitors: [ { id: 'a', target: 'https://a.example', timeout: 'soon' } ] }",
      "0.timeout must be a number",
    ],
    ["const c = { monitors: [ { id: 'a' }", "uptime.config.ts:- monitors is missing"],
  ])("says what is wrong with %j", (broken, flaw) => {
    expect(flawsOf("uptimeflare", { [FILE]: broken }).join("\n")).toContain(flaw);
  });
});
