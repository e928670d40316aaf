import { afterAll, beforeAll, vi } from "vitest";
import { HandClock } from "../schedule/hand-clock.ts";

/**
 * Replaces the platform's timers by timers of this clock, until `vi.unstubAllGlobals`. Waits on fakes of the network then take no real
 * time. A timer is only late by `busyMs`: each timer in turn finds the machine busy for the next of these times, over and over.
 */
export const stubTimers = (clock: HandClock, busyMs: readonly number[] = [0]): void => {
  let turn = 0;
  vi.stubGlobal("setTimeout", (task: () => void, ms: number) =>
    clock.after(ms, () => {
      clock.stall(busyMs[turn++ % busyMs.length] ?? 0);
      task();
    }),
  );
  vi.stubGlobal("clearTimeout", (cancel: (() => void) | null | undefined) => cancel?.());
};

/** For a file of tests: a clock that drives all timers of the code under test. */
export const useHandTimers = (): HandClock => {
  const clock = new HandClock(Date.now());
  beforeAll(() => stubTimers(clock));
  afterAll(() => void vi.unstubAllGlobals());
  return clock;
};
