import { execSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The one-file program. */
    program: string;
    /** The oldest Node the program is for, where this machine has it; else the one that runs the tests. */
    oldestNode: string;
  }
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = join(ROOT, "node_modules", ".bin");

/** Builds the program as `npm run build:cli` does, into a folder of its own where no package can be found. */
export const buildProgram = (folder: string): string => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const file = join(folder, "parallax.mjs");
  const command = (scripts["build:cli"] ?? "").replace("dist/parallax.mjs", file);
  const path = [BIN, process.env["PATH"]].join(delimiter);
  execSync(`${command} --log-level=error`, { cwd: ROOT, env: { ...process.env, PATH: path } });
  return file;
};

/** The oldest Node the program is for, where this machine has it; else the one that runs this. */
export const oldestNode = (): string => {
  const places = (process.env["PATH"] ?? "").split(delimiter).map((place) => join(place, "node"));
  const isOldest = (node: string): boolean =>
    spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.startsWith("v20.") === true;
  return places.find(isOldest) ?? process.execPath;
};

/** Once for all tests of the program. */
export default (project: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), "parallax-program-"));
  project.provide("program", buildProgram(folder));
  project.provide("oldestNode", oldestNode());
  return () => rmSync(folder, { recursive: true, force: true });
};
