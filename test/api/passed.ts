import { vi } from "vitest";

/** What comes of this where no time passes but what it waits for, and how much that was. */
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
