// A reader's answer at a prompt: a key on a terminal, a line if stdin is a pipe or a file.
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A terminal's input as Node has it, or any other stream. */
export type Input = Readable & { isTTY?: boolean; setRawMode?: (isRaw: boolean) => unknown };

export interface Keys {
  /** Resolves at the next key or line: false if it ends the tour, or if the input has ended. */
  goOn: () => Promise<boolean>;
  /** How a prompt names the possible answers. */
  hint: string;
  close: () => void;
}

/** q, Q, and what Ctrl-C and Ctrl-D send on a terminal that is read key by key. */
const ENDING = new Set(["q", "Q", "\u0003", "\u0004"]);

/**
 * Keys one by one. The terminal is read all the time, so that a key struck while a step runs is not taken for an answer to the
 * prompt after it; one that ends calls `interrupt` then. An arrow sends several bytes at once and is one key.
 */
const keysOf = (input: Input, interrupt: () => void): Keys => {
  let answer: ((goesOn: boolean) => void) | undefined;
  let hasEnded = false;
  const hear = (goesOn: boolean): void => {
    const waiting = answer;
    answer = undefined;
    if (waiting !== undefined) waiting(goesOn);
    else if (!goesOn) interrupt();
  };
  // A busy terminal hands over `q` and Enter at once.
  const read = (bytes: Buffer | string): void => hear(!ENDING.has(bytes.toString().replace(/[\r\n]+$/, "")));
  const end = (): void => {
    hasEnded = true;
    answer?.(false);
  };
  input.setRawMode?.(true);
  input.on("data", read);
  input.once("end", end);
  return {
    hint: "any key goes on, q ends it",
    goOn: () => (hasEnded ? Promise.resolve(false) : new Promise((resolve) => (answer = resolve))),
    close: () => {
      input.off("data", read);
      input.off("end", end);
      input.setRawMode?.(false);
      input.pause();
    },
  };
};

/** Lines one by one: early lines wait for their prompts, so that a file can drive the whole tour. */
const linesOf = (input: Input): Keys => {
  const reader = createInterface({ input });
  const lines = reader[Symbol.asyncIterator]();
  return {
    hint: "Enter goes on, q and Enter ends it",
    goOn: async () => {
      const { done = false, value = "" } = await lines.next();
      return !done && !ENDING.has(value.trim());
    },
    close: () => reader.close(),
  };
};

/** Calls `interrupt` for a key that ends the tour while no prompt is open. */
export const openKeys = (input: Input, interrupt: () => void): Keys =>
  input.isTTY === true ? keysOf(input, interrupt) : linesOf(input);
