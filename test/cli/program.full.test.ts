import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, it } from "vitest";
import { buildProgram } from "../../scripts/build-cli.mjs";
import { freePort } from "../../scripts/port.ts";
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

  it("lists each command apart from what it does, all in one column", async () => {
    const run = new Running(["--help"], {});
    await run.ended;
    const [, list = ""] = /Commands:\n(.*?)\n\n/s.exec(run.stdout) ?? [];
    const columns = list.split("\n").map((line) => /^ {2}[a-z-]+ {2,}/.exec(line)?.[0].length);
    expect(columns.length).toBeGreaterThan(12);
    expect(new Set(columns)).toEqual(new Set([expect.any(Number)]));
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
    expect(text).not.toMatch(/^import /m);
    const loaded = [...text.matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(loaded.length).toBeGreaterThan(3);
    for (const name of loaded) expect(name).toMatch(/^node:/);
  });

  it("runs from wherever it is copied to, by whatever name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "parallax copied #%"));
    try {
      for (const name of ["parallax.mjs", "lax.mjs"]) {
        const file = join(folder, name);
        copyFileSync(inject("program"), file);
        const { stdout } = spawnSync(inject("oldestNode"), [file, "vantage", "--help"], { encoding: "utf8" });
        expect(stdout).toContain("--slots");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/**
 * Other programs start these for each check, so they must start as quickly as Node does. The tests check what is read and loaded, not the
 * time.
 */
describe("a start of check or gate", () => {
  const folder = mkdtempSync(join(tmpdir(), "parallax-start-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("reads nothing of a package, and little else", async () => {
    const { inputs, outputs } = await buildProgram(join(folder, "parallax.mjs"), "error");
    const read = Object.keys(inputs);
    expect(read).toEqual(
      expect.arrayContaining(["src/cli/check/check-command.ts", "src/cli/gate/gate-command.ts"]),
    );
    expect(read.filter((file) => !file.startsWith("src/") && file !== "packed:./rest.ts")).toEqual([]);
    const [output] = Object.values(outputs);
    expect(output?.bytes).toBeLessThan(48_000);
  });

  it.each([
    ["check", "fra/db-1"],
    ["check", "fra/db-1", "--binary"],
    ["gate", "fra/db-1"],
  ])("loads neither fetch nor what an answer takes where nobody listens: %s %s %s", async (...args) => {
    const list = join(folder, "loaded");
    const preload = join(folder, "preload.cjs");
    const tell =
      "process.on('exit', () => require('fs').writeFileSync(process.env.LIST, process.moduleLoadList.join()));";
    writeFileSync(preload, tell);
    const environment = {
      LIST: list,
      PARALLAX_TOKEN: "t",
      XDG_STATE_HOME: folder,
      NODE_OPTIONS: `--require=${preload}`,
    };
    const run = new Running([...args, "--url", `http://127.0.0.1:${await freePort()}`], environment);
    await run.ended;
    expect(run.stdout).toContain("ECONNREFUSED");
    const loaded = readFileSync(list, "utf8").split(",");
    expect(loaded).toContain("NativeModule net");
    for (const name of ["undici", "_http_client", "_tls_wrap", "perf_hooks", "parse_args"])
      expect(loaded.filter((module) => module.startsWith("NativeModule ") && module.includes(name))).toEqual(
        [],
      );
  });
});
