import { writeSync } from "node:fs";

/**
 * Writes a few lines to stdout before it returns. The stream of it takes Node a millisecond to make, and has to be asked for
 * only where whoever reads is too slow. That nobody reads any more is no reason to end otherwise.
 */
export const print = (text: string): void => {
  let left = Buffer.from(text);
  try {
    while (left.length > 0) left = left.subarray(writeSync(1, left));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") streamOf("stdout").write(left);
  }
};

/** Whoever reads it may have gone: no reason to go too. */
export const streamOf = (name: "stdout" | "stderr"): NodeJS.WriteStream => {
  const stream = process[name];
  if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
  return stream;
};
