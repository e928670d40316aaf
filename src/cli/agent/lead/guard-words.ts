import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { FenceCause, Fence } from "./fence.ts";
import type { HeldLease } from "./held-lease.ts";

/** The messages of an agent to its guard, one JSON object a line; each is acknowledged by its number once the guard acts by it. */
export type GuardOrder = { number: number } & (
  | { kind: "begin"; fence: Fence; limitMs: number }
  /** The lease that is held now; null: none, the service does not lead. */
  | { kind: "hold"; hold: HeldLease | null }
  /** The process group of a command that makes the service lead; null: none runs. */
  | { kind: "running"; group: number | null }
  | { kind: "fence"; cause: FenceCause }
  /** The agent ends, and has left nothing to guard. */
  | { kind: "stand-down" }
);

/** The replies of a guard: `fencing` when it begins to fence, also by itself; `fenced` when the fence that was ordered is done. */
export type GuardReply =
  | { kind: "heard" | "fenced"; number: number }
  | { kind: "fencing"; cause: FenceCause };

export const write = (to: Writable | null, word: GuardOrder | GuardReply): void =>
  void to?.write(`${JSON.stringify(word)}\n`);

/** Undefined for a line whose writer was killed while it wrote. */
const wordIn = <Word>(line: string): Word | undefined => {
  try {
    return JSON.parse(line) as Word;
  } catch {
    return undefined;
  }
};

/** Calls `hear` for each line, in order, and `closed` once there will be no more. Both ends are this program. */
export const read = <Word>(from: Readable, hear: (word: Word) => void, closed: () => void): void => {
  const lines = createInterface({ input: from });
  lines.on("line", (line) => {
    const word = wordIn<Word>(line);
    if (word !== undefined) hear(word);
  });
  lines.once("close", closed);
  from.on("error", closed);
};
