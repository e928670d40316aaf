import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { endAtExit, signalGroup } from "../../../scripts/children.ts";

const DEMO = fileURLToPath(new URL("../../../scripts/demo.ts", import.meta.url));
const PROMPT = /── .* ──\n/;
const folder = mkdtempSync(join(tmpdir(), "parallax-tour-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The commands that a reader is to type. `watch`, which would go on for ever, gets `--once`. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/^ +\$ (.*)$/gm)].map(([, line = ""]) => line.replace(" watch ", " watch --once "));

test("a tour of two steps goes by lines on stdin, and what it says to type works where it says so", async () => {
  const child = spawn(process.execPath, ["--no-warnings", DEMO, "--tour", "--no-open", "--steps", "2"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const forget = endAtExit(() => signalGroup(child.pid, "SIGKILL"));
  const answers: { command: string; status: number | null; text: string }[] = [];
  let text = "";
  child.stdout.setEncoding("utf8");
  for await (const bytes of child.stdout) {
    text += String(bytes);
    const [before = "", after] = text.split(PROMPT);
    if (after === undefined) continue;
    text = after;
    for (const command of commandsIn(before)) {
      const { status, stdout } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
      answers.push({ command, status, text: stdout });
    }
    child.stdin.write("\n");
  }
  if (child.exitCode === null) await once(child, "exit");
  forget();
  expect(child.exitCode).toBe(0);
  expect(text).toContain("2 of 2 right");
  expect(answers.filter(({ status }) => status !== 0)).toEqual([]);
  // No answer is a problem of RFC 9457, which curl prints like any other answer.
  expect(answers.filter(({ text: said }) => said.includes('"title"'))).toEqual([]);
  const leaders = answers.filter(({ command }) => command.endsWith("/leader")).map(({ text: said }) => said);
  expect(leaders).toEqual([expect.stringContaining('"db-1"'), expect.stringContaining('"target":"db-2"')]);
  expect(answers.map(({ text: said }) => said.trim())).toContainEqual(
    expect.stringMatching(/^hold process_crashed .* override/),
  );
});
