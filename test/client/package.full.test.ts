import { execFile, execSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { FakeDetector, TOKEN } from "../cli/fake-detector.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = join(ROOT, "node_modules");
const TSC = join(MODULES, "typescript", "bin", "tsc");

const execute = promisify(execFile);

let folder: string;

/** Another project with this package in it, as `npm pack` would install it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parallax-client-"));
  const place = join(folder, "node_modules", "parallax");
  mkdirSync(place, { recursive: true });
  cpSync(join(ROOT, "package.json"), join(place, "package.json"));
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const command = (scripts["build:client"] ?? "")
    .replace("--outfile=dist/", `--log-level=error --outfile=${place}/dist/`)
    .concat(` --outDir ${place}/dist/types`);
  const path = [join(MODULES, ".bin"), process.env["PATH"]].join(delimiter);
  execSync(command, { cwd: ROOT, env: { ...process.env, PATH: path } });
  // zod is a dependency of the package, and so lies beside it.
  symlinkSync(join(MODULES, "zod"), join(folder, "node_modules", "zod"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const OPTIONS = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--types", ""];
const checked = (file: string) =>
  spawnSync(process.execPath, [TSC, ...OPTIONS, file], { cwd: folder, encoding: "utf8" });

describe("the client as a package", () => {
  it("is one file that runs on the oldest Node it is for, in somebody else's project", async () => {
    const api = await FakeDetector.start();
    try {
      api.set("fra/db-1");
      const file = put(
        "reads.mjs",
        `import { Client } from "parallax/client";
         const client = new Client(process.argv[2], process.argv[3]);
         const called = await client.verdict({ site: "fra", target: "db-1" });
         console.log(called.kind === "ok" ? called.value.verdict : called.detail);
         console.log((await client.verdict({ site: "fra", target: "db-9" })).status);`,
      );
      const run = await execute(inject("oldestNode"), [file, api.url, TOKEN]);
      expect(run.stdout).toBe("alive\n404\n");
    } finally {
      await api.vanish();
    }
    const built = readFileSync(join(folder, "node_modules", "parallax", "dist", "client.mjs"), "utf8");
    expect([...built.matchAll(/^import .*$/gm)]).toEqual([]);
  });

  it("has types by which a program that uses it rightly passes", () => {
    const file = put(
      "right.mts",
      `import { Client, type Called, type VerdictAnswer } from "parallax/client";
       const client = new Client("https://detector.example", "token");
       const called: Called<VerdictAnswer> = await client.verdict({ site: "fra", target: "db-1" });
       if (called.kind === "ok") { const sequence: number = called.value.sequence; void sequence; }
       if (called.kind === "refused") { const status: number = called.status; void status; }
       await client.targets.put({ site: "fra", target: "db-1" }, { url: "tcp://10.0.0.1:5432" }, { ifMatch: '"3"' });
       await client.drills.start({ site: "fra", fault: "silence", durationMs: 10_000 });`,
    );
    expect(checked(file)).toMatchObject({ status: 0, stdout: "" });
  });

  it.each([
    [
      "a verdict there is none of",
      `if (called.kind === "ok" && called.value.verdict === "dead") throw 1;`,
      "no overlap",
    ],
    ["a value of a call that may have failed", `called.value;`, "'value' does not exist"],
    ["a target without its url", `await client.targets.put(place, { intervalMs: 5 });`, "'url' is missing"],
    [
      "a field that is none",
      `await client.tokens.make({ scope: "read", sight: "fra" });`,
      "'sight' does not exist",
    ],
  ])("has types by which %s does not pass", (_what, line, said) => {
    const file = put(
      "wrong.mts",
      `import { Client } from "parallax/client";
       const client = new Client("https://detector.example", "token");
       const place = { site: "fra", target: "db-1" };
       const called = await client.verdict(place);
       ${line}`,
    );
    expect(checked(file).stdout).toContain(said);
  });
});
