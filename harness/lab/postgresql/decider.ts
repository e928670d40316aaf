import type { Decider } from "./faults.ts";

/** One decider for two pairs: it is gone while either pair wants it gone. */
export const shared = ({ kill, restart }: Decider): Decider => {
  let wanted = 0;
  let last = Promise.resolve();
  const then = (act: () => Promise<void>): Promise<void> => (last = last.then(act));
  return {
    kill: () => then(async () => (wanted++ === 0 ? kill() : undefined)),
    restart: () => then(async () => (--wanted === 0 ? restart() : undefined)),
  };
};
