/** Calls of iproute2 and nftables for the lab, and processes inside a host's namespace. */
import { type ChildProcess, execFile, spawn, type SpawnOptions } from "node:child_process";
import { promisify } from "node:util";
import { CONSOLE, type Host } from "./topology.ts";

const execute = promisify(execFile);

/** Sbin may be missing from an ordinary user's path. */
export const PATH = [process.env["PATH"] ?? "", "/usr/sbin", "/sbin"].join(":");
export const ENVIRONMENT: NodeJS.ProcessEnv = { ...process.env, PATH };

/** The command line that runs the rest of its line on a host of the lab. */
export const onHost = (host: Host): readonly string[] =>
  host === CONSOLE ? [] : ["ip", "netns", "exec", host];

/** Runs a command and returns its output; the error that it throws contains the command's error output. */
export const run = async (line: readonly string[], input?: string): Promise<string> => {
  const [command = "", ...rest] = line;
  const running = execute(command, rest, { env: ENVIRONMENT });
  // A command that never reads may be gone already.
  running.child.stdin?.on("error", () => undefined);
  running.child.stdin?.end(input ?? "");
  try {
    return (await running).stdout;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`${line.join(" ")}: ${stderr?.trim() || message}`, { cause: error });
  }
};

/** `ip` with these words, on a host. */
export const ip = (host: Host, words: string): Promise<string> =>
  run(["ip", ...(host === CONSOLE ? [] : ["-n", host]), ...words.split(" ")]);

/** `nft -f -` with this script, on a host. */
export const nft = (host: Host, script: string): Promise<string> =>
  run([...onHost(host), "nft", "-f", "-"], script);

/** Starts a process on a host of the lab. */
export const spawnOn = (host: Host, line: readonly string[], options: SpawnOptions = {}): ChildProcess => {
  const [command = "", ...rest] = [...onHost(host), ...line];
  return spawn(command, rest, { ...options, env: { ...ENVIRONMENT, ...options.env } });
};
