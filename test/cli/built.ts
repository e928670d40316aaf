import { type ChildProcess, execSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endAtExit } from "../../scripts/children.ts";
import { until } from "../../scripts/until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = join(ROOT, "node_modules", ".bin");

export const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
  scripts: Record<string, string>;
};

/** Builds the program as `npm run build:cli` does, to a place of its own where no package can be found. */
export const buildTo = (file: string): void => {
  const command = (manifest.scripts["build:cli"] ?? "").replace("dist/parallax.mjs", file);
  const path = [BIN, process.env["PATH"]].join(delimiter);
  execSync(`${command} --log-level=error`, { cwd: ROOT, env: { ...process.env, PATH: path } });
};

/** The oldest Node the program is for, where this machine has it; else the one that runs the tests. */
export const oldestNode = (): string => {
  const places = (process.env["PATH"] ?? "").split(delimiter).map((place) => join(place, "node"));
  const isOldest = (node: string): boolean =>
    spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.startsWith("v20.") === true;
  return places.find(isOldest) ?? process.execPath;
};

/** The built program at work. */
export class Running {
  stdout = "";
  stderr = "";
  readonly child: ChildProcess;
  readonly #exit: Promise<number | null>;

  constructor(command: string, args: string[], environment: Record<string, string>) {
    this.child = spawn(command, args, {
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const forget = endAtExit(() => this.child.kill("SIGKILL"));
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.#exit = once(this.child, "close").then(([code]) => {
      forget();
      return code as number | null;
    });
  }

  /** Resolves with the exit code; null for a signal. */
  exited(): Promise<number | null> {
    return this.#exit;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.#exit;
  }

  /** The log so far. */
  get events(): { event: string; level: string; [detail: string]: unknown }[] {
    const lines = this.stderr.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as { event: string; level: string });
  }

  async logs(event: string, withinMs = 10_000): Promise<void> {
    await until(() => this.events.some((each) => each.event === event), {
      withinMs,
      explain: () => `no "${event}" in\n${this.stderr}`,
    });
  }
}
