import { spawn } from "node:child_process";
import { after } from "../../shared/process/machine.ts";

/** A command of the user's that makes a service lead, follow or stop. */
export interface LeadOrder {
  command: string;
  environment: NodeJS.ProcessEnv;
  limitMs: number;
  /** Kills it. */
  stop?: AbortSignal;
  /** Called with its process group before it does anything; what it waits for comes first. False: it is not run. */
  admit?: (group: number) => Promise<boolean>;
}

/** Whether it was done: only an exit with 0 says so. */
export type OrderDone = { ok: true; output: string } | { ok: false; why: string };

/** What is read of a command's output; only the position is, which is one number. */
const MAX_OUTPUT = 1_024;

/** The shell waits for a line, so that nothing is done before it is known who does it; without one it ends. */
const WAITING = 'read -r go && exec sh -c "$1" < /dev/null';

/** Kills a process group; without effect where it has gone. */
export const killGroup = (group: number): void => {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // None is left.
  }
};

/**
 * Runs a command by `sh -c`, in a process group of its own, which is killed when time is over. Its output goes to the log's stream, unless
 * `reads` says to give it back. Never rejects. What it leaves in the background is left.
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
    // What it has left in the background may hold its pipes open.
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
