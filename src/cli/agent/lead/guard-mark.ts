import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { readIfThere, replaceFile } from "../../shared/files/durable.ts";
import { identify, isSameProcess } from "../../shared/process/process.ts";
import { hostBootId } from "../boot.ts";

/**
 * Which guard stands, for the agent after this one: where an agent was killed its guard may still be making the service stop, and whoever
 * made it lead meanwhile would be undone. What fails is thrown.
 */
export class GuardMark {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  set(guard: number): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    replaceFile(this.#file, `${JSON.stringify({ host: hostBootId(), ...identify(guard) })}\n`, 0o600);
  }

  /** The process of an earlier agent's guard that runs still; null for none, and where nothing can be read of it. */
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
