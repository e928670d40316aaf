import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endAtExit, signalProcess } from "../../scripts/children.ts";
import { until } from "../../scripts/until.ts";

const RUN = fileURLToPath(new URL("../../scripts/run.mjs", import.meta.url));
const ENDED_WITHIN_MS = 10_000;

let directory: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parallax-run-"));
});
afterEach(async () => {
  signalProcess(child?.pid, "SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

describe("a program run by scripts/run.mjs", () => {
  test("has its own arguments, and is the main program by its name", async () => {
    const file = join(directory, "says.ts");
    await writeFile(file, "const said: string[] = process.argv; console.log(JSON.stringify(said.slice(1)));");
    const started = spawn(process.execPath, [RUN, file, "--one", "two"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = started;
    const said: Buffer[] = [];
    started.stdout.on("data", (bytes: Buffer) => said.push(bytes));
    await once(started, "close");
    expect(JSON.parse(Buffer.concat(said).toString())).toEqual([file, "--one", "two"]);
  });

  test("ends, and may clean up, when the shell that npm started it by goes away", async () => {
    const file = join(directory, "stays.mjs");
    await writeFile(
      file,
      `setInterval(() => {}, 1000);
       process.on("SIGTERM", () => { console.log("cleaned up"); process.exit(); });
       console.log(process.pid);`,
    );
    // A shell that stays alive while the script runs, since it has another command after the script.
    const script = `"${process.execPath}" "${RUN}" "${file}"; echo over`;
    const started = spawn("/bin/sh", ["-c", script], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, npm_lifecycle_event: "stays" },
    });
    child = started;
    let said = "";
    started.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const pid = await until(() => Number(/\d+/.exec(said)?.[0]) || undefined, {
      withinMs: ENDED_WITHIN_MS,
      explain: () => "it never began",
    });
    const forget = endAtExit(() => signalProcess(pid, "SIGKILL"));
    started.kill("SIGTERM");
    await until(() => said.includes("cleaned up"), {
      withinMs: ENDED_WITHIN_MS,
      explain: () => `it runs still: ${said}`,
    });
    forget();
    expect(said).not.toContain("over");
  });
});
