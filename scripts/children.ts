// The processes that this process has started and must not leave behind: they are ended at exit, on Ctrl-C too.
import { spawnSync } from "node:child_process";

const endings = new Set<() => void>();
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
let installed = false;

const endAll = (): void => {
  for (const end of endings) end();
  endings.clear();
};

const install = (): void => {
  if (installed) return;
  installed = true;
  process.on("exit", endAll);
  for (const [signal, number] of Object.entries(SIGNALS))
    process.on(signal, () => {
      endAll();
      process.exit(128 + number);
    });
};

/**
 * Calls `end` when this process ends by itself or by a signal it can catch. `end` must be synchronous and may be called after its process
 * has ended. Returns a function that cancels the call.
 */
export const endAtExit = (end: () => void): (() => void) => {
  install();
  endings.add(end);
  return () => void endings.delete(end);
};

/** Sends a signal to a process; false if there is none. */
export const signalProcess = (pid: number | undefined, signal: NodeJS.Signals): boolean =>
  send(pid, 1, signal);

/** Sends a signal to a process group; false if there is none. */
export const signalGroup = (pid: number | undefined, signal: NodeJS.Signals): boolean =>
  send(pid, -1, signal);

/** Windows has no groups to signal, and no gentler way to end the processes that a process has started. */
const endTree = (pid: number): boolean =>
  spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" }).status === 0;

const send = (pid: number | undefined, sign: 1 | -1, signal: NodeJS.Signals): boolean => {
  // Zero would mean our own group.
  if (pid === undefined || pid <= 0) return false;
  try {
    if (sign === -1 && process.platform === "win32") return endTree(pid);
    return process.kill(sign * pid, signal);
  } catch {
    return false;
  }
};
