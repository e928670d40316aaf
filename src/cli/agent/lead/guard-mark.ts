import { dirname } from "node:path";
import { readIfThere, replaceFile } from "../../shared/files/durable.ts";
import { makeDirectory } from "../../shared/files/make-directory.ts";
import { identify, isSameProcess } from "../../shared/process/process.ts";
import { hostBootId } from "../boot.ts";

/**
 * Records which guard is at work, for the next agent. Where an agent was killed, its guard may still be making the service stop, and would
 * undo a promotion by the next agent. Failures are thrown.
 */
export class GuardMark {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  set(guard: number): void {
    makeDirectory(dirname(this.#file));
    replaceFile(this.#file, `${JSON.stringify({ host: hostBootId(), ...identify(guard) })}\n`, 0o600);
  }

  /** The pid of an earlier agent's guard that still runs; null where there is none, or nothing can be read about it. */
  standing(): number | null {
    const { host, pid, startTicks } = markIn(readIfThere(this.#file) ?? "");
    if (typeof pid !== "number" || host !== hostBootId()) return null;
    const now = identify(pid);
    return now !== null && isSameProcess(now, { pid, startTicks: startTicks ?? null }) ? pid : null;
  }
}

const markIn = (text: string): { host?: string | null; pid?: number; startTicks?: number | null } => {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return {};
  }
};
