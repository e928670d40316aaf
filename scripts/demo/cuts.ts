// If this machine lets us make network namespaces, real packets are dropped between real hosts: two of the lab's scenarios, beside the
// demo's own steps and in networks of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endAtExit, signalGroup } from "../children.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LAB = fileURLToPath(new URL("../../harness/lab/run.ts", import.meta.url));
const SCENARIOS = ["half", "host-banned"];

/** The outcome of a cut, as the lab prints it for machines. */
export interface Cut {
  scenario: string;
  truth: string;
  verdict: string | null;
  confirmed: boolean;
  seconds: number;
  up: number;
  failover: number;
  violations: number;
  wrong: string[];
}

/** Cuts under way, or why there are none. */
export type Cuts =
  | { kind: "cutting"; cuts: Promise<Cut[]>; end: () => Promise<void> }
  | { kind: "none"; why: string };

const started = (command: string, args: string[]): ChildProcess =>
  spawn(command, args, { cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "pipe"] });

const outputOf = async (child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> => {
  const text = { out: "", err: "" };
  child.stdout?.on("data", (bytes: Buffer) => (text.out += bytes.toString()));
  child.stderr?.on("data", (bytes: Buffer) => (text.err += bytes.toString()));
  await once(child, "close");
  return { code: child.exitCode, ...text };
};

/** Starts the cuts if they can be made. They go on by themselves. */
export const startCuts = async (): Promise<Cuts> => {
  const check = await outputOf(started(process.execPath, ["--no-warnings", LAB, "--check"]));
  if (check.code !== 0) return { kind: "none", why: check.err.trim().replaceAll(/\s*\n\s*/g, " ") };
  const built = await outputOf(started("npm", ["run", "--silent", "build:cli"]));
  if (built.code !== 0) return { kind: "none", why: built.err };
  const named = SCENARIOS.flatMap((name) => ["--scenario", name]);
  const child = started(process.execPath, ["--no-warnings", LAB, "--json", ...named]);
  const forget = endAtExit(() => signalGroup(child.pid, "SIGKILL"));
  const cuts = outputOf(child).then(({ out, err }) => {
    forget();
    try {
      return JSON.parse(out) as Cut[];
    } catch {
      throw new Error(`the cuts ended without a result:\n${err}`);
    }
  });
  cuts.catch(() => undefined);
  const end = async (): Promise<void> => {
    signalGroup(child.pid, "SIGTERM");
    await cuts.catch(() => undefined);
  };
  return { kind: "cutting", cuts, end };
};
