import { afterAll, beforeAll, vi } from "vitest";
import { HandClock } from "../schedule/hand-clock.ts";

/**
 * Timers by this clock in place of the platform's, until `vi.unstubAllGlobals`: what fakes of the network leave to wait for then
 * takes no time, and is late by nothing but `busyMs`, which each timer in turn finds the machine busy for, over and over.
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

/** For a file of tests: a clock that no timer of the code under test runs ahead of. */
export const useHandTimers = (): HandClock => {
  const clock = new HandClock(Date.now());
  beforeAll(() => stubTimers(clock));
  afterAll(() => void vi.unstubAllGlobals());
  return clock;
};
