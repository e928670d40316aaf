import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../runs.ts";
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
      // The spread may hold a method, and the header was sent.
      paused: true,
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

  it.each(["method: METHOD", "body: BODY", "headers: HEADERS", "...common", "[FIELD]: 1", "method"])(
    "pauses what may be asked something else: %s",
    (field) => {
      const { config, text } = one(`id: 'a', target: 'https://a.example', ${field}`);
      expect(config).toMatchObject({ url: "https://a.example", paused: true });
      expect(text).toContain("# paused: ");
      expect(text).toContain("in line 3 may change what is asked: write the value");
    },
  );

  it("reads fields without a space after the colon", () => {
    const { targets } = flare(
      'export const c={monitors:[{id:"k",name:"K",target:"https://x.example",timeout:3000,method:"POST"}]}',
    );
    expect(targets).toEqual({
      "imported/k": { url: "https://x.example", intervalMs: 60_000, timeoutMs: 3_000, paused: true },
    });
  });

  it("tells of a spread or a call among the monitors with its line, and takes the others", () => {
    const { targets, report } = flare(`const c = { monitors: [
  { id: 'a', target: 'https://a.example' },
  ...rest,
  { id: 'b', target: 'https://b.example' },
  monitorOf('s3cret', [1, 2]),
] }`);
    expect(Object.keys(targets)).toEqual(["imported/a", "imported/b"]);
    expect(report).toContain("Carried over: 2 of 4.");
    expect(report).toContain("uptime.config.ts:3 ...rest: is worked out by the program");
    expect(report).toContain("uptime.config.ts:5 monitorOf('…', [1, 2]): is worked out");
  });

  it("tells of a variable of the environment that stands elsewhere than in headers", () => {
    const { config, report } = one(
      "id: 'a', target: 'https://a.example', timeout: process.env.TIMEOUT, responseKeyword: env.WORD",
    );
    expect(config).toEqual({ url: "https://a.example", intervalMs: 60_000, timeoutMs: 5_000 });
    expect(report).toContain("uptime.config.ts:3 process.env.TIMEOUT: is worked out");
    expect(report).toContain("uptime.config.ts:3 env.WORD: is worked out");
  });

  it("reads values beside types, patterns and functions", () => {
    const { targets } =
      flare(`const pattern = /['"\`[]/g, half = 1 / 2, shown = \`\${half > 0 ? \`[\` : '{'} monitors: [{\`
const config = {
  "monitors": [
    {
      id: 'a' as const, target: <never>'x' as string, onDown(env) { return { a: [1, 2] } },
    },
    {
      'id': "b" satisfies string, target: 'https://b.example'!, timeout: 0x7d0 as Map<string, number>, expectedCodes: [2e2, 2_04] as number[],
    },
  ] satisfies MonitorTarget[],
}`);
    expect(targets).toEqual({
      "imported/b": {
        url: "https://b.example",
        intervalMs: 60_000,
        timeoutMs: 2_000,
        expect: { status: [200, 204] },
      },
    });
  });

  it.each([
    ["export default {}", "uptime.config.ts:- monitors is missing"],
    [
      "const c = { monitors: [ { id: 'a' } ] }",
      "uptime.config.ts:1 monitors.0.target is missing: what to ask",
    ],
    [
      "const c = {\n monitors: [\n ...rest,\n { id: isA ? 'a' : 'b' } ] }",
      "uptime.config.ts:4 monitors.1.target is missing",
    ],
    [
      "const c = { monitors: [ { id: 'a', target: 'https://a.example', timeout: 'soon' } ] }",
      "monitors.0.timeout must be a number",
    ],
    ["const c = { monitors: [ { id: 'a' }", "uptime.config.ts:1 monitors has a [ that nothing closes"],
    ["const c = { monitors: [ { id: 'a'\n ] }", "uptime.config.ts:2 monitors.0 needs a comma or } before ]"],
    [
      "const c = { monitors: [ {\n id: , } ] }",
      "uptime.config.ts:2 monitors.0.id a value is missing before ,",
    ],
    [
      "const c = { monitors: [{ id: 'a' }].map(whole) }",
      "uptime.config.ts:1 monitors is worked out by the program",
    ],
    [`const c = { monitors: ${"[".repeat(100_000)}`, "has more than 50 brackets around it"],
  ])("says what is wrong with %j", (broken, flaw) => {
    expect(flawsOf("uptimeflare", { [FILE]: broken }).join("\n")).toContain(flaw);
  });
});

/** What may stand between two tokens. */
const gap = fc.constantFrom("", "", " ", "\t", "\n", "\r\n", "/* it's: [ { , */", '// monitors: [ "\n');
const quote = fc.constantFrom("'", '"', "`");
/** Decisions of a writer, taken one after another. */
const style = fc.record({
  gaps: fc.array(gap, { minLength: 1, maxLength: 20 }),
  quotes: fc.array(quote, { minLength: 1, maxLength: 10 }),
  flags: fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
});
type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

const takenInTurn = <T>(all: readonly T[]) => {
  let at = 0;
  return (): T => all[at++ % all.length] as T;
};

/** A writer of the same values in a style of its own. */
const writerOf = ({ gaps, quotes, flags }: Style) => {
  const [between, mark, flag] = [takenInTurn(gaps), takenInTurn(quotes), takenInTurn(flags)];
  const spaced = (...parts: string[]): string =>
    parts.map((part) => `${between()}${part}`).join("") + between();
  const text = (value: string): string => {
    const by = mark();
    const escaped = value
      .replaceAll(/[\\$]/g, "\\$&")
      .replaceAll(by, `\\${by}`)
      .replaceAll("\r", "\\r")
      .replaceAll("\n", by === "`" ? "\n" : "\\n");
    return by + escaped + by;
  };
  const listed = (open: string, parts: string[], close: string): string =>
    open + parts.join(",") + (parts.length > 0 && flag() ? `,${between()}` : between()) + close;
  const key = (name: string): string => {
    const by = flag() ? '"' : "'";
    return /^[a-zA-Z]+$/.test(name) && flag() ? name : by + name + by;
  };
  const write = (value: unknown): string => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value))
      return listed(
        "[",
        value.map((each) => spaced(write(each))),
        "]",
      );
    if (typeof value !== "object" || value === null) return String(value);
    const fields = Object.entries(value).map(([name, each]) => spaced(key(name), ":", write(each)));
    return listed("{", fields, "}");
  };
  return (value: unknown): string => spaced("const", " ", "monitors", "=", write(value), ";");
};

describe("a list of monitors", () => {
  const said = fc.string({ unit: fc.constantFrom(...Array.from("ab0 '\"`\\$&{}[],:/*#\n\r\u2028ä")) });
  const monitor = fc.record(
    {
      id: said,
      name: said,
      target: fc.constantFrom("https://a.example/?a=b", "http://192.0.2.7:8080/", "https://a.example//b"),
      method: fc.constantFrom("GET", "POST", "HEAD"),
      timeout: fc.integer({ min: -10, max: 20_000 }),
      headers: fc.dictionary(fc.constantFrom("X-Key", "accept", "Host"), said),
      expectedCodes: fc.array(fc.integer({ min: 200, max: 599 }), { maxLength: 4 }),
      responseKeyword: said,
      body: said,
      checkProxy: said,
      hideLatencyChart: fc.boolean(),
    },
    { requiredKeys: ["target"] },
  );

  it("is the same in whatever spaces, lines, commas, comments and quotes it is written", () => {
    const withoutLines = (text: string): string => text.replaceAll(/uptime\.config\.ts:\d+/g, FILE);
    fc.assert(
      fc.property(fc.array(monitor, { minLength: 1, maxLength: 4 }), style, (monitors, how) => {
        const plain = flare(`const monitors = ${JSON.stringify(monitors)}`);
        const styled = flare(writerOf(how)(monitors));
        expect(styled.targets).toEqual(plain.targets);
        expect(withoutLines(styled.text)).toBe(withoutLines(plain.text));
        expect(Object.keys(plain.targets)).toHaveLength(monitors.length);
      }),
      {
        numRuns: runs(100),
        examples: [
          [
            [{ target: "https://a.example/?a=b", responseKeyword: ":\na" }],
            { gaps: [""], quotes: ["'"], flags: [false] },
          ],
        ],
      },
    );
  });
});
