import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dead, FakeDetector, json, MOODS } from "../fake-detector.ts";
import { Running } from "../running.ts";

let api: FakeDetector;
let state: string;

beforeEach(async () => {
  api = await FakeDetector.start();
  state = mkdtempSync(join(tmpdir(), "parallax-gate-"));
});
afterEach(async () => {
  await api.vanish();
  rmSync(state, { recursive: true, force: true });
});

const gate = async (args: string[] = [], environment = api.environment, options = {}) => {
  const own = args.includes("--state") ? [] : ["--state", state];
  const run = new Running(["gate", "fra/db-1", ...own, ...args], environment, options);
  const code = await run.ended;
  return { code, said: run.stdout, told: run.stderr };
};
const file = (): string => join(state, "fra.db-1.sequence");

describe("parallax gate", () => {
  it("exits 0 for a confirmed, fresh death, says why, and keeps the sequence", async () => {
    api.set("fra/db-1", dead());
    const { code, said } = await gate();
    expect(said).toMatch(
      /^open fra\/db-1: failover node_dead fra\/db-1 seq=42 since .*confirmed node_dead.*\n$/,
    );
    expect(code).toBe(0);
    expect(readFileSync(file(), "utf8")).toBe("42\n");
  });

  it("exits 1 for a target that is alive, and keeps that sequence as well", async () => {
    api.set("fra/db-1");
    expect(await gate()).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^closed fra\/db-1: .*alive.*\n$/),
    });
    expect(readFileSync(file(), "utf8")).toBe("7\n");
  });

  it("stays closed for an answer older than one seen before, until there is a newer one", async () => {
    api.set("fra/db-1", { sequence: 43 });
    await gate();
    api.set("fra/db-1", dead());
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("older than 43") });
    api.set("fra/db-1", dead({ sequence: 44 }));
    expect((await gate()).code).toBe(0);
  });

  it.runIf(process.platform === "linux")("stays closed where the state directory can never be", async () => {
    api.set("fra/db-1", dead());
    const { code, said } = await gate(["--state", "/proc/parallax/gate"]);
    expect(said).toMatch(/^closed fra\/db-1: what was seen before is not known: .*\/proc\/parallax/);
    expect(code).toBe(1);
  });

  // In the mood `slow` the detector answers in the end, but too late.
  it.each(MOODS)("stays closed when the detector is %s, though the node is dead", async (mood) => {
    api.set("fra/db-1", dead());
    api.mood = mood;
    const { code, said } = await gate(["--timeout-ms", "1000"]);
    expect(said).toMatch(/^closed fra\/db-1: [^\n]+\n$/);
    expect(code).toBe(mood === "401" || mood === "403" ? 3 : 1);
  });

  it("stays closed where nobody listens, and where the name leads nowhere", async () => {
    await api.vanish();
    expect((await gate()).code).toBe(1);
    expect((await gate(["--url", "http://no-such-name.invalid"])).code).toBe(1);
  });

  it("stays closed when /failover breaks down after /verdict", async () => {
    api.set("fra/db-1", dead());
    for (const answer of [
      (path: string) => path.includes("/failover") && 500,
      (path: string) => path.includes("/failover") && 204,
      (path: string) => path.includes("/failover") && 200,
    ]) {
      api.route = (request, response) => {
        const status = answer(request.url ?? "");
        if (status === false) return false;
        response.writeHead(status).end(status === 200 ? "OK" : undefined);
        return true;
      };
      expect((await gate()).code).toBe(1);
    }
  });

  it("stays closed for a clock of the detector's past the verdict's validity, whatever ours says", async () => {
    api.set("fra/db-1", dead());
    api.route = (_request, response) => {
      response.setHeader("Date", new Date(Date.now() + 3_600_000).toUTCString());
      return false;
    };
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("valid until") });
  });

  it.each(["7", "5, 0", "", "x", "-1"])("stays closed for what a cache has kept: Age: %j", async (age) => {
    api.set("fra/db-1", dead());
    api.route = (_request, response) => {
      response.setHeader("Age", age);
      return false;
    };
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("cache") });
  });

  it("stays closed for a yes that does not tell where it ends", async () => {
    api.set("fra/db-1", dead());
    api.route = ({ url }, { socket }) => {
      if (url?.includes("/failover") !== true) return false;
      socket?.end(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nfailover node_dead fra/db-1 seq=42",
      );
      return true;
    };
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("cut off") });
  });

  it("asks so that no cache can answer", async () => {
    api.set("fra/db-1", dead());
    await gate();
    await gate();
    expect(new Set(api.asked.map(({ path }) => path)).size).toBe(api.asked.length);
  });

  it("asks both again when a transition comes between them", async () => {
    api.set("fra/db-1", dead({ sequence: 41 }));
    api.route = (request) => {
      if (request.url?.includes("/failover")) api.set("fra/db-1", dead());
      return false;
    };
    const { code, said } = await gate();
    expect(said).toContain("seq=42");
    expect(code).toBe(0);
  });

  it.each([
    ["holds something else", () => writeFileSync(file(), "forty\n")],
    ["is empty", () => writeFileSync(file(), "")],
    ["is a directory", () => mkdirSync(file())],
    ["is a link to where nothing is mounted", () => symlinkSync(join(state, "away", "x"), file())],
    ["never ends", () => symlinkSync("/dev/zero", file())],
  ])("stays closed when its file %s", async (_what, spoil) => {
    api.set("fra/db-1", dead());
    spoil();
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("not known") });
  });

  it("stays closed when the disk takes nothing, though it has seen the same sequence before", async () => {
    api.set("fra/db-1", dead());
    expect((await gate()).code).toBe(0);
    expect((await gate([], api.environment, { fullDisk: true })).code).not.toBe(0);
    expect(readFileSync(file(), "utf8")).toBe("42\n");
  });

  it("stays closed when the state is no directory", async () => {
    api.set("fra/db-1", dead());
    const path = join(state, "plain");
    writeFileSync(path, "");
    expect((await gate(["--state", path])).code).toBe(1);
  });

  it("looks again for as long as it may, and opens once that is due", async () => {
    api.set("fra/db-1");
    const looking = gate(["--wait-ms", "20000"]);
    await expect.poll(() => api.asked.length).toBeGreaterThan(1);
    api.set("fra/db-1", dead());
    expect((await looking).code).toBe(0);
    api.mood = "500";
    expect((await gate(["--wait-ms", "1500"])).code).toBe(1);
  });

  it("passes over fields that a newer detector adds, wherever they stand", async () => {
    const verdict = api.set("fra/db-1", dead());
    api.route = (request, response) => {
      if (!request.url?.includes("/verdict")) return false;
      json(response, { ...verdict, mood: "sad", advice: { ...verdict.advice, since: "x", why: { a: 1 } } });
      return true;
    };
    expect((await gate()).code).toBe(0);
  });

  it.each([
    [[], "exactly one target"],
    [["fra/db-1", "fra/db-2"], "exactly one target"],
    [["fra"], "SITE/TARGET"],
    [["fra/db-1/up"], "SITE/TARGET"],
    [["FRA/db-1"], "SITE/TARGET"],
    [["fra/db-1", "--timeout-ms", "0"], "--timeout-ms"],
    [["fra/db-1", "--wait"], "--wait"],
    [["fra/db-1", "--token", "x"], "--token-file"],
    [["fra/db-1", "--token-file", "/no/such/file"], "--token-file"],
    [["fra/db-1", "--url", "detector"], "--url"],
  ])("exits 2 for %j", async (args, said) => {
    const run = new Running(["gate", ...args], api.environment);
    expect(await run.ended).toBe(2);
    expect(run.stderr).toContain(said);
    expect(api.asked).toEqual([]);
  });

  it("never shows the token", async () => {
    api.set("fra/db-1", dead());
    api.route = (request, response) => {
      response.writeHead(400).end(`you sent ${request.headers.authorization}`);
      return true;
    };
    const { said, told } = await gate();
    expect(said + told).toContain("you sent Bearer …");
    expect(said + told).not.toContain("local-read");
  });

  it("is not open when it is killed", async () => {
    api.mood = "silent";
    const run = new Running(["gate", "fra/db-1", "--state", state], api.environment);
    await expect.poll(() => api.asked.length).toBe(1);
    expect(await run.end("SIGTERM")).not.toBe(0);
  });

  it("makes its directory, for its own eyes alone", async () => {
    api.set("fra/db-1", dead());
    const fresh = join(state, "a", "b");
    expect((await gate(["--state", fresh])).code).toBe(0);
    expect(existsSync(join(fresh, "fra.db-1.sequence"))).toBe(true);
    chmodSync(fresh, 0o700);
  });
});
