import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { childrenIn } from "./costs.ts";
import { cpuByProgram, cpuOf, nameIn, spentIn } from "./cpu.ts";

describe("what processes used of the processor", () => {
  test("is read from /proc behind a name that may hold anything, for the process and for what it saw end", () => {
    const stat = "7 (a) b) (c) S 1 7 7 0 -1 4194304 98 0 0 0 150 50 300 25 20 0 1 0 5 1 2 3";
    expect(spentIn(stat)).toEqual({ own: 2, ended: 3.25 });
  });

  test("is read from a shell's `times` for its children alone", () => {
    expect(childrenIn("0m9.000000s 0m9.000000s\n1m2.500000s 0m0.250000s\n")).toBe(62.75);
    expect(childrenIn("0m0.004s 0m0.000s\n0m0.120s 0m0.030s")).toBeCloseTo(0.15);
  });

  test.each([
    [
      ["/usr/bin/node", "--no-warnings", "/a/b/parallax.mjs", "export-gdnsd", "--out", "x"],
      "parallax.mjs export-gdnsd",
    ],
    [["node", "/a/host.ts", '{"port":1}'], "host.ts"],
    [["/usr/sbin/keepalived", "--dont-fork"], "keepalived"],
    [["postgres: walwriter "], "postgres:"],
  ])("%j is called %s", (words, name) => {
    expect(nameIn(words)).toBe(name);
  });

  test.runIf(process.platform === "linux")("counts what a process has started and seen end", async () => {
    const busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
    const child = spawn("sh", ["-c", `sh -c '${busy}'; echo ready; read end`]);
    try {
      await once(child.stdout, "data");
      expect(await cpuOf(child.pid)).toBeGreaterThan(0);
      expect((await cpuByProgram(child.pid)).map(([name]) => name)).toContain("started by sh");
    } finally {
      child.stdin.end();
      await once(child, "exit");
    }
  });
});
