import type { Clock } from "../../../schedule/clock.ts";

/** Resolves after `ms`, or at once when `stop` aborts; never rejects. */
export const pause = (after: Clock["after"], ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const end = (): void => {
      cancel();
      stop.removeEventListener("abort", end);
      resolve();
    };
    const cancel = after(ms, end);
    stop.addEventListener("abort", end);
  });
