import { vi } from "vitest";

/** The result of `ask`, and how long it took. The only time that passes is the time that `ask` waits for. */
export const passed = async <T>(ask: () => Promise<T>): Promise<{ came: T; tookMs: number }> => {
  vi.useFakeTimers();
  try {
    const began = Date.now();
    let isOver = false;
    const asked = ask().finally(() => (isOver = true));
    asked.catch(() => undefined);
    // oxlint-disable-next-line no-await-in-loop -- one timer after the other
    while (!isOver) await vi.advanceTimersToNextTimerAsync();
    return { came: await asked, tookMs: Date.now() - began };
  } finally {
    vi.useRealTimers();
  }
};
