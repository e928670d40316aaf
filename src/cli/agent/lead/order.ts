import { spawn } from "node:child_process";
import { after } from "../../shared/process/machine.ts";

/** A command of the user's that makes a service lead, follow or stop. */
export interface LeadOrder {
  command: string;
  environment: NodeJS.ProcessEnv;
  limitMs: number;
  /** Kills it. */
  stop?: AbortSignal;
  /** Called with the command's process group before the command runs, which waits for the result. False: the command is not run. */
  admit?: (group: number) => Promise<boolean>;
}

/** Whether it was done: only an exit with 0 says so. */
export type OrderDone = { ok: true; output: string } | { ok: false; why: string };

/** The most that is read of a command's output. Only the position is read, which is one number. */
const MAX_OUTPUT = 1_024;

/** The shell waits for a line, so that the command does nothing before its process group is known; without a line the shell ends. */
const WAITING = 'read -r go && exec sh -c "$1" < /dev/null';

/** Kills a process group; without effect where it is gone. */
export const killGroup = (group: number): void => {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // None is left.
  }
};

/**
 * Runs a command by `sh -c`, in a process group of its own, which is killed when the time limit is over. Its output goes to stderr, as the
 * log does, unless `reads` asks for its return. Never rejects. Processes that the command leaves in the background go on.
 */
export const carryOut = (order: LeadOrder, reads = false): Promise<OrderDone> =>
  new Promise((resolve) => {
    const { command, environment, limitMs, stop, admit = async () => true } = order;
    const child = spawn("sh", ["-c", WAITING, "sh", command], {
      detached: true,
      env: environment,
      stdio: ["pipe", reads ? "pipe" : 2, 2],
    });
    let output = "";
    const kill = (why: string): void => {
      end({ ok: false, why });
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const aborted = (): void => kill("it was broken off");
    const cancel = after(limitMs, () => kill(`it was not done in ${Math.round(limitMs)} ms`));
    const end = (done: OrderDone): void => {
      cancel();
      stop?.removeEventListener("abort", aborted);
      resolve(done);
    };
    stop?.addEventListener("abort", aborted);
    child.stdin?.on("error", () => undefined);
    child.stdout
      ?.setEncoding("utf8")
      .on("data", (text: string) => (output = (output + text).slice(0, MAX_OUTPUT)));
    child.once("error", ({ message }) => end({ ok: false, why: message }));
    // Processes that the command has left in the background may hold its pipes open.
    child.once(reads ? "close" : "exit", (code, signal) =>
      end(code === 0 ? { ok: true, output } : { ok: false, why: `it ended with ${signal ?? code}` }),
    );
    const { pid } = child;
    if (pid === undefined) return;
    if (stop?.aborted) return aborted();
    void admit(pid).then((isAdmitted) => {
      if (isAdmitted) child.stdin?.end("go\n");
      else kill("nothing guards it");
    });
  });
