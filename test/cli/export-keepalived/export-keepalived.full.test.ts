import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../scripts/until.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { dead, FakeDetector, MOODS } from "../fake-detector.ts";
import { Running } from "../running.ts";

const AVOID = { routing: "avoid", regions: {}, failover: false, reason: "" } as const;
const STALE: Partial<VerdictAnswer> = { verdict: "unknown", stale: true, advice: AVOID };

let api: FakeDetector;
let folder: string;
let file: string;

beforeEach(async () => {
  api = await FakeDetector.start();
  folder = mkdtempSync(join(tmpdir(), "parallax-keepalived-"));
  file = join(folder, "fra.lb-1");
});
afterEach(async () => {
  await api.vanish();
  rmSync(folder, { recursive: true, force: true });
});

const start = (args: string[] = ["fra/lb-1"], options = {}): Running =>
  new Running(
    ["export-keepalived", "--dir", folder, "--timeout-ms", "1000", ...args],
    api.environment,
    options,
  );
const run = async (args?: string[], options = {}) => {
  const running = start(args, options);
  const code = await running.ended;
  return { code, said: running.stdout, told: running.stderr };
};
const content = (of = file): string => (existsSync(of) ? readFileSync(of, "utf8") : "no file");
const becomes = (text: string, of = file): Promise<unknown> =>
  until(() => content(of) === text, { withinMs: 10_000, everyMs: 10, explain: () => content(of) });

describe("parallax export-keepalived", () => {
  it("keeps one file for each target by one call, for others to read, and nothing beside them", async () => {
    api.set("fra/lb-1", dead());
    api.set("fra/lb-2");
    api.set("fra/other", dead());
    expect(await run(["fra/lb-1", "fra/lb-2"])).toMatchObject({
      code: 0,
      said: expect.stringContaining("fra/lb-1 now 1"),
    });
    expect(readdirSync(folder).toSorted()).toEqual(["fra.lb-1", "fra.lb-2"]);
    expect([content(), content(join(folder, "fra.lb-2"))]).toEqual(["1\n", "0\n"]);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(api.asked.map(({ path }) => path)).toEqual(["/v1/avoid?site=fra"]);
  });

  it("asks for all sites where there are several, with the slant it is told", async () => {
    api.set("fra/lb-1", { verdict: "gray" });
    api.set("ams/lb-1");
    const slant = ["--gray", "down", "--partition", "down", "--from", "weur"];
    expect((await run(["fra/lb-1", "ams/lb-1", ...slant])).code).toBe(0);
    expect([content(), content(join(folder, "ams.lb-1"))]).toEqual(["1\n", "0\n"]);
    expect(api.asked[0]?.path).toBe("/v1/avoid?from=weur&gray=down&partition=down");
  });

  it.each([
    ["1", dead()],
    ["1", { verdict: "isolated", advice: AVOID }],
    ["0", {}],
    ["0", { verdict: "gray" }],
    ["0", { verdict: "unknown" }],
    ["0", { paused: true }],
  ] as [string, Partial<VerdictAnswer>][])(
    "writes %s for %j, whatever was there",
    async (number, changes) => {
      const before = ["0\n", "1\n", "", "nonsense", "7", "-1\n"];
      const names = before.map((_, index) => `lb-${index}`);
      for (const [index, name] of names.entries()) {
        api.set(`fra/${name}`, changes);
        writeFileSync(join(folder, `fra.${name}`), before[index] ?? "");
      }
      expect((await run(names.map((name) => `fra/${name}`))).code).toBe(0);
      for (const name of names)
        expect(Number(content(join(folder, `fra.${name}`))) === 0 ? "0" : "1").toBe(number);
    },
  );

  it("writes 0 for a rehearsal", async () => {
    api.set("fra/lb-1", dead({ drill: "d-1" }));
    api.rehearsal = true;
    writeFileSync(file, "1\n");
    expect((await run()).code).toBe(0);
    expect(content()).toBe("0\n");
  });

  it.each(["0\n", "1\n"])("leaves %j where evidence is stale, and says so", async (before) => {
    api.set("fra/lb-1", STALE);
    writeFileSync(file, before);
    expect(await run()).toMatchObject({ code: 1, told: expect.stringContaining("keep unknown fra/lb-1") });
    expect(content()).toBe(before);
  });

  it.each(MOODS)(
    "leaves each file when the detector is %s, and begins a missing one with 0",
    async (mood) => {
      api.set("fra/lb-1");
      api.set("fra/lb-2", dead());
      writeFileSync(file, "1\n");
      api.mood = mood;
      const { code, told } = await run(["fra/lb-1", "fra/lb-2"]);
      expect(told).toContain("what was there stays");
      expect(code).toBe(mood === "401" || mood === "403" ? 3 : 1);
      expect([content(), content(join(folder, "fra.lb-2"))]).toEqual(["1\n", "0\n"]);
      expect(readdirSync(folder)).toHaveLength(2);
    },
  );

  it.each([
    ["is cut off in a line", "keep alive fra/lb-1 seq=7\navoid node_de"],
    ["has one wrong line", "keep alive fra/lb-1 seq=7\n<html>\n"],
    ["names a target twice", "keep alive fra/lb-1 seq=7\navoid node_dead fra/lb-1 seq=8\n"],
    ["says something else", "serve alive fra/lb-1 seq=7\n"],
  ])("leaves the file when the answer %s", async (_what, text) => {
    writeFileSync(file, "1\n");
    api.route = (_request, response) => !response.writeHead(200).end(text).writable || true;
    expect((await run()).code).toBe(1);
    expect(content()).toBe("1\n");
  });

  it("leaves the file for an answer that ends with its connection: nobody knows whether that was all", async () => {
    writeFileSync(file, "1\n");
    api.route = (request) => {
      request.socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nkeep alive fra/lb-1 seq=7\n");
      return true;
    };
    expect(await run()).toMatchObject({ code: 1, told: expect.stringContaining("cut off") });
    expect(content()).toBe("1\n");
  });

  it("names a target that the detector does not know, and keeps the others", async () => {
    api.set("fra/lb-1", dead());
    expect(await run(["fra/lb-1", "fra/lb-9"])).toMatchObject({
      code: 1,
      told: expect.stringContaining("knows no fra/lb-9"),
    });
    expect([content(), content(join(folder, "fra.lb-9"))]).toEqual(["1\n", "0\n"]);
  });

  it("leaves a file that is right, but for the time of its last answer", async () => {
    api.set("fra/lb-1", dead());
    writeFileSync(file, "1\n");
    utimesSync(file, 1, 1);
    const before = statSync(file);
    expect((await run()).code).toBe(0);
    expect(statSync(file).ino).toBe(before.ino);
    expect(statSync(file).mtimeMs).toBeGreaterThan(1_000_000);
  });

  it("replaces a file, so that no reader ever sees it empty, and keeps its mode", async () => {
    api.set("fra/lb-1", dead());
    writeFileSync(file, "0\n");
    chmodSync(file, 0o600);
    const before = statSync(file).ino;
    expect((await run()).code).toBe(0);
    expect(statSync(file).ino).not.toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["the disk is full", { fullDisk: true }, (): void => writeFileSync(file, "0\n")],
    ["a directory stands in its place", {}, (): void => mkdirSync(file)],
    ["its directory is not there", {}, (): void => rmSync(folder, { recursive: true })],
  ])("says what it could not write where %s", async (_what, options, prepare) => {
    api.set("fra/lb-1", dead());
    prepare();
    const { code, told } = await run(undefined, options);
    // A full disk may end the process as well.
    expect(code).not.toBe(0);
    if (code === 1) expect(told).toContain(`${file} cannot be replaced`);
  });

  it("keeps the other files where one cannot be written", async () => {
    api.set("fra/lb-1", dead());
    api.set("fra/lb-2", dead());
    mkdirSync(file);
    expect((await run(["fra/lb-1", "fra/lb-2"])).code).toBe(1);
    expect(content(join(folder, "fra.lb-2"))).toBe("1\n");
  });
});

describe("parallax export-keepalived --every-ms", () => {
  const going = (...more: string[]): Running => start(["fra/lb-1", "--every-ms", "500", ...more]);

  it("goes on through the detector's outage with what it last knew, until it is told to stop", async () => {
    api.set("fra/lb-1", dead());
    const follower = going();
    await becomes("1\n");
    await api.vanish();
    await follower.logged("not-kept");
    expect(content()).toBe("1\n");
    // A file that somebody removes meanwhile is written again with its old content.
    rmSync(file);
    await becomes("1\n");
    api.set("fra/lb-1");
    await api.appear();
    await becomes("0\n");
    await follower.logged("kept-again");
    expect(await follower.end("SIGTERM")).toBe(0);
    expect(follower.events("not-kept")).toHaveLength(1);
    expect(content()).toBe("0\n");
  });

  it("begins anew with what was there, while nobody knows better", async () => {
    writeFileSync(file, "1\n");
    await api.vanish();
    const follower = going();
    await follower.logged("not-kept");
    expect(content()).toBe("1\n");
    expect(await follower.end("SIGINT")).toBe(0);
    expect(content()).toBe("1\n");
  });

  it("has a file before the detector answers", async () => {
    api.mood = "silent";
    const follower = going();
    await becomes("0\n");
    expect(await follower.end("SIGTERM")).toBe(0);
  });

  it("says once of a target that it is not known, and follows it once it is", async () => {
    api.set("fra/lb-1", STALE);
    const follower = going("fra/lb-9");
    expect(await follower.logged("unknown-target")).toMatchObject({ target: "fra/lb-9" });
    expect(await follower.logged("not-known")).toMatchObject({ target: "fra/lb-1" });
    api.set("fra/lb-9", dead());
    await becomes("1\n", join(folder, "fra.lb-9"));
    expect(follower.events("unknown-target")).toHaveLength(1);
    expect(follower.events("not-known")).toHaveLength(1);
    await follower.end("SIGTERM");
  });

  it("goes on where its directory comes later", async () => {
    api.set("fra/lb-1", dead());
    rmSync(folder, { recursive: true });
    const follower = going();
    expect(await follower.logged("not-kept")).toMatchObject({ reason: expect.stringContaining("ENOENT") });
    mkdirSync(folder);
    await follower.logged("kept-again");
    expect(content()).toBe("1\n");
    await follower.end("SIGTERM");
  });
});

it("names no file as written where its directory is missing", async () => {
  api.set("fra/lb-1", dead());
  const missing = join(folder, "missing");
  const run = new Running(["export-keepalived", "fra/lb-1", "--dir", missing], api.environment);
  expect(await run.ended).toBe(1);
  expect(run.stdout).toBe("");
  expect(run.stderr).toContain(`${missing}/fra.lb-1 cannot be replaced`);
});

describe("wrong arguments of parallax export-keepalived", () => {
  it.each([
    [["fra/a"], "--dir"],
    [["--dir", "x"], "SITE/TARGET"],
    [["fra/a", "fra/a", "--dir", "x"], "fra/a is named twice"],
    [["fra/a/b", "--dir", "x"], '"fra/a/b" is not SITE/TARGET'],
    [["../a", "--dir", "x"], '"../a" is not SITE/TARGET'],
    [["fra/a", "--dir", "x", "--every-ms", "10"], "--every-ms"],
    [["fra/a", "--dir", "x", "--gray", "up"], "--gray"],
    [["fra/a", "--dir", "x", "--from", "A B"], "--from"],
    [["fra/a", "--dir", "x", "--token", "t"], "--token-file"],
  ])("%j: 2, and told", async (args, said) => {
    const bad = new Running(["export-keepalived", ...args], api.environment);
    expect(await bad.ended).toBe(2);
    expect(bad.stderr).toContain(said);
    expect(bad.stderr).toContain("Usage: parallax export-keepalived");
  });
});
