import type { Wire } from "../../src/probe/probe.ts";

/** Runs one task after another, as the one connection reserved for autopsies does. */
export const oneAtATime = (): Wire["autopsy"] => {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task);
    last = next.catch(() => undefined);
    return next;
  };
};
