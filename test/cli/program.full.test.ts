import { readFileSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { Running } from "./running.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

describe("the built program", () => {
  it.each([
    [["--version"], version],
    [["--help"], "agent"],
    [["vantage", "--help"], "--slots"],
    [["agent", "--help"], "--pid-file"],
  ] as const)("%j exits 0 and prints %s", async (args, printed) => {
    const run = new Running([...args], {});
    expect(await run.ended).toBe(0);
    expect(run.stdout).toContain(printed);
  });

  it.each([
    [[], "Usage: parallax <command>"],
    [["vantag", "--help"], 'unknown command "vantag"'],
    [["vantage"], "parallax vantage: --url"],
    [["agent", "--exec", "--", "cmd", "--help"], "parallax agent: --url"],
  ] as const)("turns down %j with code 2, saying what is wrong and how it is used", async (args, said) => {
    const run = new Running([...args], {});
    expect(await run.ended).toBe(2);
    expect(run.stderr).toContain(said);
    expect(run.stderr).toContain("Usage: parallax");
  });

  it("needs no package: it is one file that says how to run it", () => {
    const text = readFileSync(inject("program"), "utf8");
    expect(text.startsWith("#!/usr/bin/env node\n")).toBe(true);
    const imported = [...text.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(3);
    for (const name of imported) expect(name).toMatch(/^node:/);
  });
});
