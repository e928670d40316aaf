/** The shell scripts that call `/avoid` by curl come to the same result as `parallax check` for the same answers. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { dead, FakeDetector, MOODS, TOKEN } from "../fake-detector.ts";

const EXAMPLES = fileURLToPath(new URL("../../../examples/check/", import.meta.url));
const [AVOID, PLUGIN] = ["parallax-avoid", "check_parallax"].map((name) => join(EXAMPLES, name));

let api: FakeDetector;
let folder: string;
let token: string;

beforeEach(async () => {
  api = await FakeDetector.start();
  folder = mkdtempSync(join(tmpdir(), "parallax-script-"));
  token = join(folder, "token");
  writeFileSync(token, `${TOKEN}\n`);
});
afterEach(async () => {
  await api.vanish();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  code: number;
  said: string;
}

const run = (file: string, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
    execFile(file, args, { env }, (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), said: stdout }),
    );
  });

const byScript = (script = "", query = ""): Promise<Ran> =>
  run(script, ["fra/db-1", api.url, token, ...(query === "" ? [] : [query])]);
const byProgram = (...flags: string[]): Promise<Ran> => {
  const access = ["--url", api.url, "--token-file", token];
  return run(inject("oldestNode"), [inject("program"), "check", "fra/db-1", ...access, ...flags]);
};

/** Runs both scripts and both forms of the program. A script must exit with the program's code. */
const askAll = async (query = "", flags: string[] = []) => {
  const [avoid, plugin, binary, full] = await Promise.all([
    byScript(AVOID, query),
    byScript(PLUGIN, query),
    byProgram("--binary", ...flags),
    byProgram(...flags),
  ]);
  expect([avoid.code, plugin.code]).toEqual([binary.code, full.code]);
  const word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][full.code];
  expect(plugin.said).toMatch(new RegExp(`^PARALLAX ${word} - [^\\n|]+\\n$`));
  expect(avoid.said).toMatch(/^[^\n]+\n/);
  return [avoid.code, plugin.code];
};

const serve = { routing: "serve", regions: {}, failover: false, reason: "" } as const;
const avoid = { routing: "avoid", regions: {}, failover: false, reason: "" } as const;
const override = { reason: "work", until: "2026-11-22T18:30:04.120Z" };

describe("the scripts that ask /avoid by curl", () => {
  it.each([
    [0, 0, {}],
    [0, 0, { override }],
    [0, 1, { verdict: "gray" }],
    [0, 1, { verdict: "partitioned", unreachableFrom: ["oc"] }],
    [0, 1, { verdict: "unknown" }],
    [0, 1, { verdict: "node_dead", advice: serve }],
    [0, 1, { paused: true }],
    [0, 1, { verdict: "unknown", paused: true, stale: true }],
    [1, 2, dead()],
    [1, 2, dead({ drill: "d-1" })],
    [1, 2, { verdict: "isolated", advice: avoid }],
    [1, 2, { verdict: "unknown", advice: avoid }],
    [0, 3, { verdict: "unknown", stale: true }],
    [0, 3, { verdict: "unknown", stale: true, advice: avoid }],
  ] as [number, number, Partial<VerdictAnswer>][])(
    "exit %i and %i as the program does, for %j",
    async (bit, state, changes) => {
      api.set("fra/db-1", changes);
      expect(await askAll()).toEqual([bit, state]);
    },
  );

  it("stay and warn for a rehearsal, and take gray for down where they are told so", async () => {
    api.set("fra/db-1", dead({ drill: "d-1" }));
    api.rehearsal = true;
    expect(await askAll()).toEqual([0, 1]);
    api.rehearsal = false;
    api.set("fra/db-1", { verdict: "gray" });
    expect(await askAll("?gray=down", ["--gray", "down"])).toEqual([1, 2]);
  });

  it.each(MOODS)("stay and know nothing when the detector is %s, as the program does", async (mood) => {
    api.set("fra/db-1", dead());
    api.mood = mood;
    expect(await askAll()).toEqual([0, 3]);
  });

  it.each([
    ["about another target", 200, "avoid node_dead fra/db-2 seq=42"],
    ["with the status of another word", 409, "avoid node_dead fra/db-1 seq=42"],
    ["with a word of another status", 200, "keep alive fra/db-1 seq=42"],
    ["with a status that is nearly right", 203, "avoid node_dead fra/db-1 seq=42"],
    ["for our own trouble", 409, "keep unknown fra/db-1 unavailable"],
    ["with a word before it", 200, "do avoid node_dead fra/db-1 seq=42"],
    ["about another target that names this one", 200, "avoid no fra/db-2 seq=1 fra/db-1 seq=42"],
    ["of two lines", 200, "avoid node_dead fra/db-1 seq=42\nkeep alive fra/db-1 seq=42"],
    ["that is stale and says yes", 200, "avoid node_dead fra/db-1 seq=42 stale"],
    ["that knows nothing and says yes", 200, "avoid unknown fra/db-1 seq=42 unavailable"],
    ["that knows nothing and says that it lives", 409, "keep alive fra/db-1 seq=42 unavailable"],
  ])("take for nothing an answer %s", async (_what, status, line) => {
    // The target's verdict is a clear one, so that only the line of `/avoid` decides.
    api.set("fra/db-1", dead());
    api.route = ({ url }, response) =>
      url?.endsWith("/avoid") === true && (!response.writeHead(status).end(line).writable || true);
    expect(await askAll()).toEqual([0, 3]);
  });

  it("stay and know nothing where nobody listens, without a token, without a target, and for wrong arguments", async () => {
    api.set("fra/db-1", dead());
    for (const args of [
      [],
      ["fra/db-1"],
      ["fra/db-1", api.url, join(folder, "none")],
      ["fra", api.url, token],
    ])
      expect([await run(AVOID ?? "", args), await run(PLUGIN ?? "", args)]).toMatchObject([
        { code: 0 },
        { code: 3 },
      ]);
    await api.vanish();
    expect(await askAll()).toEqual([0, 3]);
  });

  it("ask one question alone, whatever stands in the words", async () => {
    api.set("fra/db-1", dead());
    for (const place of ["fra/db-[1-9]", "fra/{db-1,db-2}"]) {
      await run(AVOID ?? "", [place, api.url, token]);
      await run(PLUGIN ?? "", [place, api.url, token]);
    }
    expect(api.asked.length).toBeLessThanOrEqual(4);
  });

  it("follow no redirect, whatever the user's own configuration of curl says", async () => {
    writeFileSync(join(folder, ".curlrc"), "location\n");
    api.set("fra/db-1", dead());
    api.route = ({ url }, response) => {
      if (url !== "/v1/sites/fra/targets/db-1/avoid") return false;
      response.writeHead(302, { Location: "/v1/sites/fra/targets/db-1/avoid?again" }).end();
      return true;
    };
    expect(await askAll()).toEqual([0, 3]);
    expect(api.asked.every(({ path }) => !path.endsWith("?again"))).toBe(true);
  });

  it("show the token to nobody who lists processes", async () => {
    api.set("fra/db-1");
    const curl = join(folder, "curl");
    writeFileSync(curl, `#!/bin/sh\nprintf '%s\\n' "$*" >>'${folder}/seen'\ncat >>'${folder}/stdin'\n`, {
      mode: 0o755,
    });
    const env = { PATH: `${folder}:${process.env["PATH"]}` };
    for (const script of [AVOID, PLUGIN])
      await new Promise((done) => execFile(script ?? "", ["fra/db-1", api.url, token], { env }, done));
    expect(readFileSync(join(folder, "seen"), "utf8")).not.toContain(TOKEN);
    expect(readFileSync(join(folder, "stdin"), "utf8")).toBe(`Authorization: Bearer ${TOKEN}\n`.repeat(2));
  });
});
