import type { Wire } from "../../src/probe/probe.ts";

/** One task after another, as the one connection kept for autopsies serves them. */
export const oneAtATime = (): Wire["autopsy"] => {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task);
    last = next.catch(() => undefined);
    return next;
  };
};
