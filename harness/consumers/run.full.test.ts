import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../scripts/until.ts";
import { findOut, reasonsAgainst } from "./ability.ts";
import { CONSUMERS } from "./consumers.ts";

const RUN = fileURLToPath(new URL("./run.ts", import.meta.url));
const LINE = ["--no-warnings", RUN];
const execute = promisify(execFile);
/** Every process that a run starts, directly or indirectly, has this in its environment. */
const MARK = `parallax-consumers-test-${process.pid}`;

const marked = (): string[] =>
  readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "latin1").includes(MARK);
    } catch {
      return false;
    }
  });

let child: ChildProcess | undefined;
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "parallax-run-test-"));
});
afterEach(async () => {
  child?.kill("SIGKILL");
  child = undefined;
  await rm(home, { recursive: true, force: true });
});

const haproxy = CONSUMERS.filter(({ name }) => name === "haproxy-avoid");
const reasons = reasonsAgainst(haproxy, findOut());

describe("npm run consumers", () => {
  test("names its consumers without needing anything", async () => {
    const { stdout } = await execute(process.execPath, [...LINE, "--list"]);
    expect(stdout.trim().split("\n")).toHaveLength(CONSUMERS.length);
    expect(stdout).toMatch(/^haproxy-agent +HAProxy/);
  });

  test("turns a consumer away that it does not know, naming it", async () => {
    await expect(execute(process.execPath, [...LINE, "--only", "nobody"])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no such consumer: nobody[\s\S]*usage/),
    });
  });

  test("has no two consumers of one name, and each names states that it has expectations for", () => {
    expect(new Set(CONSUMERS.map(({ name }) => name)).size).toBe(CONSUMERS.length);
    for (const consumer of CONSUMERS)
      for (const state of consumer.states) expect(consumer.expects(state, "gone")).not.toBe("");
  });

  // If the run is not possible here, there is nothing to clean up: the test then expects the message that says so.
  test.each(["SIGINT", "SIGKILL"] as const)(
    "leaves no process behind when it gets %s, and where it can be caught no file",
    async (signal) => {
      child = spawn(process.execPath, [...LINE, "--only", "haproxy-avoid"], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, TMPDIR: home, PARALLAX_CONSUMERS_MARK: MARK },
      });
      let said = "";
      child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
      const ended = once(child, "exit");
      if (reasons.length === 0) {
        await until(() => said.includes("waiting for every consumer"), {
          withinMs: 90_000,
          explain: () => `it did not get far: ${said}`,
        });
        expect(marked().length).toBeGreaterThan(15);
        child.kill(signal);
      }
      await ended;
      await until(() => marked().length === 0, {
        withinMs: 10_000,
        explain: () => `still running: ${marked().join(", ")}`,
      });
      if (signal !== "SIGKILL") expect(readdirSync(home)).toEqual([]);
      if (reasons.length > 0) expect(said).toContain(reasons[0]);
    },
    120_000,
  );
});
