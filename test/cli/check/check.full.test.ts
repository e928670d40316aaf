import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { dead, FakeDetector, MOODS } from "../fake-detector.ts";
import { Running } from "../running.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";

let api: FakeDetector;

beforeEach(async () => {
  api = await FakeDetector.start();
});
afterEach(() => api.vanish());

const check = async (args: string[] = [], environment = api.environment) => {
  const run = new Running(["check", "fra/db-1", ...args], environment);
  const code = await run.ended;
  return { code, said: run.stdout, told: run.stderr };
};

const serve = { routing: "serve", regions: {}, failover: false, reason: "" } as const;
const avoid = { routing: "avoid", regions: {}, failover: false, reason: "" } as const;

describe("parallax check", () => {
  it.each([
    ["a cache has kept", { Age: "600" }, {}],
    ["had run out when it was said", {}, { validUntil: "2026-11-22T18:30:04.120Z" }],
  ] as [string, Record<string, string>, Partial<VerdictAnswer>][])(
    "does not know by what %s, whether dead or alive",
    async (_what, headers, changes) => {
      for (const verdict of [changes, dead(changes)]) {
        api.set("fra/db-1", verdict);
        api.route = (_request, response) => {
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
          return false;
        };
        expect((await check()).code).toBe(3);
      }
      expect((await check(["--binary"])).code).toBe("Age" in headers ? 0 : 1);
    },
  );

  it.each(["--binary=1", "--binary=true", "--no-binary"])(
    "exits 0 for the wrong argument %s",
    async (flag) => {
      expect((await check([flag])).code).toBe(0);
    },
  );

  it.each([
    [0, "OK", {}],
    [1, "WARNING", { verdict: "gray" }],
    [1, "WARNING", { verdict: "partitioned", unreachableFrom: ["oc"] }],
    [1, "WARNING", { verdict: "unknown" }],
    [1, "WARNING", { verdict: "node_dead", advice: serve }],
    [1, "WARNING", { paused: true }],
    [1, "WARNING", { verdict: "unknown", paused: true, stale: true }],
    [2, "CRITICAL", dead()],
    [2, "CRITICAL", { verdict: "isolated", advice: avoid }],
    [2, "CRITICAL", { verdict: "unknown", advice: avoid }],
    [3, "UNKNOWN", { verdict: "unknown", stale: true }],
    [3, "UNKNOWN", { verdict: "unknown", stale: true, advice: avoid }],
    [3, "UNKNOWN", { stale: true, asOf: null, validUntil: null }],
  ] as [number, string, Partial<VerdictAnswer>][])("exits %i, %s, for %j", async (code, word, changes) => {
    api.set("fra/db-1", changes);
    const run = await check();
    expect(run.said).toMatch(new RegExp(`^PARALLAX ${word} - fra/db-1 [^\\n]+\\n$`));
    expect(run.code).toBe(code);
  });

  it("is a line of text and performance data as plugins write it", async () => {
    api.set("fra/db-1", { because: "a|b\nc" });
    const { said } = await check();
    const [text, data, ...more] = said.trimEnd().split(" | ");
    expect(text).toMatch(/^PARALLAX OK - fra\/db-1 alive since \S+: a\/b c$/);
    expect(more).toEqual([]);
    for (const each of data?.split(" ") ?? []) expect(each).toMatch(/^[a-z]+=\d+(\.\d+)?s?(;[\d.]*s?){0,4}$/);
    expect(data).toContain("reachable=3;;;0;3");
  });

  it("warns of a rehearsal, and is critical for a live drill", async () => {
    api.set("fra/db-1", dead({ drill: "d-1" }));
    api.rehearsal = true;
    expect(await check()).toMatchObject({ code: 1, said: expect.stringContaining("drill d-1") });
    api.rehearsal = false;
    expect((await check()).code).toBe(2);
  });

  it("takes gray for down where it is told so, in the detector's words", async () => {
    api.set("fra/db-1", { verdict: "gray" });
    expect((await check(["--gray", "down"])).code).toBe(2);
    await check(["--from", "weur", "--partition", "down"]);
    expect(api.asked.map(({ path }) => path)).toContain(
      "/v1/sites/fra/targets/db-1/avoid?from=weur&partition=down",
    );
  });

  it.each(MOODS)("exits 3 when the detector is %s, in time", async (mood) => {
    api.set("fra/db-1", dead());
    api.mood = mood;
    const { code, said } = await check(["--timeout-ms", "1000"]);
    expect(said).toMatch(/^PARALLAX UNKNOWN - fra\/db-1: [^\n]+\n$/);
    expect(code).toBe(3);
  });

  it("exits 3 where nobody listens", async () => {
    await api.vanish();
    expect(await check()).toMatchObject({ code: 3, said: expect.stringContaining("ECONNREFUSED") });
  });

  it("exits 3 for wrong arguments, and says on stdout what is wrong", async () => {
    for (const args of [["--grey", "down"], ["--gray", "up"], ["fra/db-2"], ["--from", "A B"]])
      expect(await check(args)).toMatchObject({
        code: 3,
        said: expect.stringMatching(/^PARALLAX UNKNOWN - [^\n]+\n$/),
        told: expect.stringContaining("Usage: parallax check"),
      });
  });
});

describe("parallax check --binary", () => {
  const binary = (args: string[] = []) => check(["--binary", ...args]);

  it.each([
    [1, dead()],
    [1, { verdict: "isolated", advice: avoid }],
    [0, {}],
    [0, { verdict: "gray" }],
    [0, { verdict: "partitioned" }],
    [0, { verdict: "unknown", stale: true, advice: avoid }],
  ] as [number, Partial<VerdictAnswer>][])("exits %i for %j", async (code, changes) => {
    api.set("fra/db-1", changes);
    expect((await binary()).code).toBe(code);
  });

  it("exits 0 for a rehearsal and 1 for gray where that is taken for down", async () => {
    api.set("fra/db-1", { verdict: "gray" });
    expect((await binary(["--gray", "down"])).code).toBe(1);
    api.set("fra/db-1", dead());
    api.rehearsal = true;
    expect((await binary()).code).toBe(0);
  });

  it.each(MOODS)("exits 0 when the detector is %s, though the target is to be avoided", async (mood) => {
    api.set("fra/db-1", dead());
    api.mood = mood;
    const { code, said } = await binary(["--timeout-ms", "1000"]);
    expect(said).toMatch(/^[^\n]+\n$/);
    expect(code).toBe(0);
  });

  it("exits 0 where nobody listens, without a token, and for wrong arguments, told on stderr", async () => {
    await api.vanish();
    expect((await binary()).code).toBe(0);
    expect(await binary(["--token-file", "/no/such/file"])).toMatchObject({
      code: 0,
      told: expect.stringContaining("--token-file"),
    });
    expect((await binary(["--nonsense"])).code).toBe(0);
  });

  it("exits 0 though whoever reads what it says has gone", () => {
    api.set("fra/db-1");
    const line = `${JSON.stringify(inject("oldestNode"))} ${JSON.stringify(inject("program"))} check fra/db-1 --binary | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = spawnSync("bash", ["-c", line], {
      env: { PATH: process.env["PATH"] ?? "", PARALLAX_URL: "http://127.0.0.1:9", PARALLAX_TOKEN: "t" },
      encoding: "utf8",
    });
    expect(stdout).toBe("0\n");
  });
});
