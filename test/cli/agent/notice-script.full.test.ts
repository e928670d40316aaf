import { spawn, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { it, type Stage } from "./stage.ts";

const EXAMPLES = fileURLToPath(new URL("../../../examples/agent/", import.meta.url));
const SCRIPT = join(EXAMPLES, "parallax-notice");
interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

const environment = (stage: Stage): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  PARALLAX_URL: `${stage.hearing.server.url}/`,
  PARALLAX_SITE: "fra",
  PARALLAX_TARGET: "web-1",
  PARALLAX_TOKEN: "local-notify",
  INVOCATION_ID: "0123456789abcdef0123456789abcdef",
});

/** Runs the script as a supervisor would; null unsets a variable. */
const run = (stage: Stage, args: string[], given: Record<string, string | null> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const merged = Object.entries({ ...environment(stage), ...given }).filter(([, value]) => value !== null);
    const child = spawn(SCRIPT, args, { env: Object.fromEntries(merged) as Record<string, string> });
    const ran = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (ran.stdout += String(chunk)));
    child.stderr.on("data", (chunk) => (ran.stderr += String(chunk)));
    child.once("close", (code) => resolve({ code, ...ran }));
  });

/** A bare machine may have no curl. The script cannot work there either. */
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

describe.runIf(hasCurl)("parallax-notice", { concurrent: true }, () => {
  it.for([
    { result: "success", code: "exited", status: "0", kind: "stop" },
    { result: "success", code: "killed", status: "TERM", kind: "stop" },
    { result: "exit-code", code: "exited", status: "1", kind: "crash" },
    { result: "signal", code: "killed", status: "KILL", kind: "crash" },
    { result: "core-dump", code: "dumped", status: "SEGV", kind: "crash" },
    { result: "oom-kill", code: "killed", status: "KILL", kind: "crash" },
    { result: "watchdog", code: "killed", status: "ABRT", kind: "crash" },
    { result: "timeout", code: "killed", status: "KILL", kind: "crash" },
  ])(
    "says $kind after systemd's $result ($code, $status)",
    async ({ result, code, status, kind }, { stage }) => {
      const env = { SERVICE_RESULT: result, EXIT_CODE: code, EXIT_STATUS: status };
      expect(await run(stage, ["ended"], env)).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(stage.hearing.heard).toMatchObject([
        {
          path: "/v1/sites/fra/targets/web-1/notices",
          authorization: "Bearer local-notify",
          body: { kind, bootId: "0123456789abcdef0123456789abcdef", restarting: false },
        },
      ]);
    },
  );

  it.for([
    { SERVICE_RESULT: "exit-code", EXIT_CODE: "exited", EXIT_STATUS: "203" },
    { SERVICE_RESULT: "exec-condition" },
    { SERVICE_RESULT: "start-limit-hit" },
  ])("says nothing where nothing ran: %o", async (env, { stage }) => {
    expect((await run(stage, ["ended"], env)).code).toBe(0);
    expect(stage.hearing.heard).toEqual([]);
  });

  it("says start, and the boot id it is given", async ({ stage }) => {
    await run(stage, ["start"], { PARALLAX_BOOT_ID: "mine", PARALLAX_RESTARTING: "true" });
    expect(stage.hearing.notices).toEqual([{ kind: "start", bootId: "mine", restarting: false }]);
  });

  it("says of a crash that the service is started again, where its unit says so", async ({ stage }) => {
    await run(stage, ["crash"], { PARALLAX_RESTARTING: "true" });
    expect(stage.hearing.notices).toMatchObject([{ kind: "crash", restarting: true }]);
  });

  it("sends heartbeats, with their period or without", async ({ stage }) => {
    await run(stage, ["heartbeat"]);
    await run(stage, ["heartbeat"], { PARALLAX_EVERY_MS: "5000" });
    expect(stage.hearing.heartbeats.map(({ everyMs }) => everyMs)).toEqual([undefined, 5_000]);
  });

  it("takes the token from a file", async ({ stage }) => {
    const file = join(stage.directory, "token");
    writeFileSync(file, "from-file\n");
    await run(stage, ["start"], { PARALLAX_TOKEN: null, PARALLAX_TOKEN_FILE: file });
    expect(stage.hearing.heard[0]?.authorization).toBe("Bearer from-file");
  });

  it("says on stderr why a word does not count", async ({ stage }) => {
    stage.hearing.reply = { accepted: false, detail: "boot is over" };
    const { code, stderr } = await run(stage, ["crash"]);
    expect(code).toBe(0);
    expect(stderr).toContain("boot is over");
  });

  it.for([
    ["nothing", [], {}, "usage"],
    ["an unknown word", ["die"], {}, "usage"],
    ["no systemd", ["ended"], {}, "SERVICE_RESULT"],
    ["no target", ["start"], { PARALLAX_TARGET: null }, "PARALLAX_TARGET is not set"],
    ["no boot id", ["start"], { INVOCATION_ID: null }, "INVOCATION_ID"],
    ["a boot id that breaks out of its quotes", ["start"], { INVOCATION_ID: 'a","x":"b' }, "INVOCATION_ID"],
    ["no token", ["start"], { PARALLAX_TOKEN: null }, "must hold a token"],
    ["a token file that is not there", ["start"], { PARALLAX_TOKEN_FILE: "/nonexistent" }, "/nonexistent"],
  ] as const)("with %s exits 2 and says what is wrong", async ([, args, env, problem], { stage }) => {
    const { code, stderr } = await run(stage, [...args], env);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
    expect(stage.hearing.heard).toEqual([]);
  });

  it.for([401, 404])("exits 1 after %i, and shows no token", async (status, { stage }) => {
    stage.hearing.mood = status;
    const { code, stderr } = await run(stage, ["crash"]);
    expect(code).toBe(1);
    expect(stderr).toContain(String(status));
    expect(stderr).not.toContain("local-notify");
  });

  it("tries twice where the detector fails for a moment", async ({ stage }) => {
    stage.hearing.mood = 503;
    const ran = run(stage, ["crash"]);
    await stage.hearing.until(() => stage.hearing.heard.length === 1, "a first try");
    stage.hearing.mood = "ok";
    expect((await ran).code).toBe(0);
    expect(stage.hearing.notices).toHaveLength(2);
  });

  it("holds a unit up for six seconds at most, and keeps the token off every command line", async ({
    stage,
  }) => {
    stage.hearing.mood = "hang";
    // By curl's own arguments: a limit for each try, and the pause between tries.
    const [, tryS = NaN, retries = NaN, betweenS = NaN] = (
      /--max-time (\d+) --retry (\d+) --retry-delay (\d+)/.exec(readFileSync(SCRIPT, "utf8")) ?? []
    ).map(Number);
    expect(tryS * (1 + retries) + betweenS * retries).toBeLessThanOrEqual(6);
    const ran = run(stage, ["stop"], { PARALLAX_TOKEN: "secret-word-9" });
    await stage.hearing.until(() => stage.hearing.heard.length === 1, "a first try");
    const lines = commandLines();
    expect(lines.some((line) => line.includes("targets/web-1/notices"))).toBe(process.platform === "linux");
    expect(lines.filter((line) => line.includes("secret-word-9"))).toEqual([]);
    expect((await ran).code).toBe(1);
    expect(stage.hearing.heard).toHaveLength(1 + retries);
  });
});

/** The command lines of all visible processes. */
const commandLines = (): string[] => {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, "utf8")] : [];
    } catch {
      // The process ended meanwhile.
      return [];
    }
  });
};

it("the drop-in calls the script so that neither its failure nor its token can harm the service", () => {
  const lines = readFileSync(join(EXAMPLES, "parallax-notice.conf"), "utf8").split("\n");
  expect(lines).toContain("ExecStartPost=-+/usr/local/bin/parallax-notice start");
  expect(lines).toContain("ExecStopPost=-+/usr/local/bin/parallax-notice ended");
  expect(lines.filter((line) => /^\s*(EnvironmentFile|LoadCredential)/.test(line))).toEqual([]);
});
