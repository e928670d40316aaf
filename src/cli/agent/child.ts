import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { after } from "../shared/process/machine.ts";
import { pause } from "../shared/time/pause.ts";
import { SAME_SIGNAL_MS } from "../shared/process/signals.ts";

/** Signals that operators control a service by. The agent passes them on to its child. */
const PASSED = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;
/** A terminal sends these to its whole foreground group, so that the child has received them already. */
const FROM_KEYBOARD = new Set<NodeJS.Signals>(["SIGINT", "SIGQUIT"]);

/** How a child ended. */
export interface ProcessEnding {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The exit code that a shell would return: the code, or 128 plus the signal's number. */
export const exitCodeOf = ({ code, signal }: ProcessEnding): number =>
  signal === null ? (code ?? 1) : 128 + constants.signals[signal];

/** True if the process was asked from outside to end. `passed`: the signals that we forwarded to it. */
export const isOrderly = (
  { code, signal }: ProcessEnding,
  passed: Set<NodeJS.Signals>,
  okCodes: number[],
): boolean => {
  if (signal !== null) return passed.has(signal);
  if (code !== null && okCodes.includes(code)) return true;
  // Shells and many programs exit with this code when a signal ends them.
  return [...passed].some((each) => code === 128 + constants.signals[each]);
};

export interface Child {
  pid: number;
  /** Resolves when it has ended. */
  ended: Promise<ProcessEnding>;
  /** Signals passed on so far. */
  passed: Set<NodeJS.Signals>;
}

/** Why a command did not start, and what a shell would exit with: 127 not found, 126 not executable. */
export interface NotStarted {
  reason: string;
  exitCode: 126 | 127;
}

/**
 * Starts a command with our stdio and in our process group, so that a signal to the group reaches all of it, and passes signals on to it
 * from then on. `apart`: in a group of its own, which the guard ends.
 */
export const startChild = async (
  [file = "", ...args]: string[],
  apart = false,
): Promise<Child | NotStarted> => {
  const passed = new Set<NodeJS.Signals>();
  const early: NodeJS.Signals[] = [];
  let send = (signal: NodeJS.Signals): unknown => early.push(signal);
  for (const signal of PASSED)
    process.on(signal, () => {
      passed.add(signal);
      if (apart || !(FROM_KEYBOARD.has(signal) && process.stdin.isTTY)) send(signal);
    });
  const child = spawnOrFail(file, args, apart);
  if (child instanceof Error) return notStarted(file, child);
  const ended = new Promise<ProcessEnding>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    child.once("spawn", () => resolve(null));
    child.on("error", resolve);
  });
  if (failure !== null) return notStarted(file, failure);
  send = (signal) => child.kill(signal);
  for (const signal of early) send(signal);
  return { pid: child.pid ?? 0, ended, passed };
};

/** Node emits the common failures and throws the others. */
const spawnOrFail = (file: string, args: string[], detached: boolean): ChildProcess | Error => {
  try {
    return spawn(file, args, { stdio: "inherit", detached });
  } catch (error) {
    return error as Error;
  }
};

const notStarted = (file: string, { code, message }: NodeJS.ErrnoException): NotStarted => ({
  reason: code === "ENOENT" ? `${file}: not found` : `${file}: ${message}`,
  exitCode: code === "ENOENT" ? 127 : 126,
});

/**
 * A signal to a whole group or systemd unit reaches child and agent alike, in any order. A child that such a signal has ended was ended
 * on purpose if the same signal reaches the agent a moment later.
 */
export const waitForOwnCopy = async (
  { signal, code }: ProcessEnding,
  passed: Set<NodeJS.Signals>,
): Promise<void> => {
  const told = PASSED.find((each) => each === signal || code === 128 + constants.signals[each]);
  if (told === undefined || passed.has(told)) return;
  const arrived = new AbortController();
  const note = (): void => arrived.abort();
  process.once(told, note);
  await pause(after, SAME_SIGNAL_MS, arrived.signal);
  process.off(told, note);
};
