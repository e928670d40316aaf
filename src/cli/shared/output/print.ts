import { writeSync } from "node:fs";

/**
 * Writes a few lines to stdout before it returns. Node takes a millisecond to make the stream, which is needed only where the reader is too
 * slow. A reader that is gone does not change how the program ends.
 */
export const print = (text: string): void => {
  let left = Buffer.from(text);
  try {
    while (left.length > 0) left = left.subarray(writeSync(1, left));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") streamOf("stdout").write(left);
  }
};

/** A standard stream whose reader may be gone; the program goes on. */
export const streamOf = (name: "stdout" | "stderr"): NodeJS.WriteStream => {
  const stream = process[name];
  if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
  return stream;
};
