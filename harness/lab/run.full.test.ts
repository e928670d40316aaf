import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../scripts/until.ts";
import { findOut, reasonsAgainst } from "./ability.ts";

const RUN = fileURLToPath(new URL("./run.ts", import.meta.url));
const LINE = ["--no-warnings", RUN];
const execute = promisify(execFile);

const reasons = reasonsAgainst(await findOut());
const able = reasons.length === 0;
/** Marks the environment of a run's processes, so that the test finds those that are left. */
const MARK = `parallax-lab-test-${process.pid}`;

/** Processes of this test's run, by the mark in their environment. */
const marked = (): string[] =>
  readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "latin1").includes(MARK);
    } catch {
      return false;
    }
  });

/** Traces in the machine's own network that a lab could leave behind. */
const traces = (): string => {
  const links = readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .map((line) => line.split(":")[0]?.trim() ?? "")
    .slice(2);
  const names = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  return JSON.stringify([links.toSorted(), names.toSorted(), mounts]);
};

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
  child = undefined;
});

describe("npm run lab", () => {
  test("names its scenarios without needing anything", async () => {
    const { stdout } = await execute(process.execPath, [...LINE, "--list"]);
    expect(stdout).toMatch(/^kill-9 +the process is gone/);
    expect(stdout.trim().split("\n").length).toBeGreaterThan(20);
  });

  test("turns a scenario away that it does not know, naming it", async () => {
    await expect(execute(process.execPath, [...LINE, "--scenario", "nothing"])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no such scenario: nothing[\s\S]*usage/),
    });
  });

  test("says whether it can run here, and exactly why not", async () => {
    const said = await execute(process.execPath, [...LINE, "--check"]).then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    );
    expect(said.code).toBe(able ? 0 : 2);
    for (const word of able ? ["The lab can run here."] : reasons) expect(said.stderr).toContain(word);
  });

  // If the lab cannot run here, there is nothing to clean up: the test then expects the message that says so.
  test.each(["SIGKILL", "SIGINT"] as const)(
    "leaves no process, link, namespace or mount behind when its runner gets %s",
    async (signal) => {
      if (process.platform !== "linux") return expect(reasons.join()).toContain("needs Linux");
      const before = traces();
      child = spawn(process.execPath, [...LINE, "--scenario", "kill-9"], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, PARALLAX_LAB_MARK: MARK },
      });
      let said = "";
      child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
      const ended = once(child, "exit");
      if (able) {
        // By then all namespaces and links exist, and the first processes run in them.
        await until(() => said.includes("starting the detector"), {
          withinMs: 30_000,
          explain: () => `it did not get far: ${said}`,
        });
        expect(marked().length).toBeGreaterThan(5);
        child.kill(signal);
      }
      await ended;
      await until(() => marked().length === 0, {
        withinMs: 5_000,
        explain: () => `still running: ${marked().join(", ")}`,
      });
      expect(traces()).toBe(before);
      if (!able) expect(said).toContain(reasons[0]);
    },
    60_000,
  );
});
