import type { Assignment } from "../../src/domain/report.ts";
import { RoundProber } from "../../src/schedule/rounds.ts";
import { HandClock } from "./hand-clock.ts";
import { ScriptedNetwork } from "./scripted-network.ts";

/** A grid point of every interval used here. */
export const START = 1_790_000_040_000;

/** A prober on a scripted network, under a clock turned by hand. */
export const openScene = (assignment: Assignment) => {
  const clock = new HandClock(START);
  const network = new ScriptedNetwork(clock);
  const prober = new RoundProber(clock, network.start);
  prober.adopt(assignment);
  /** Runs one tick. Returns how long its report took to be ready, and what the report says. */
  const tick = async (work: Promise<void> = prober.tick()) => {
    const from = clock.now();
    await clock.finish(work);
    const readyAfterMs = clock.now() - from;
    const { observations, controls } = prober.harvest();
    const seen = observations.map(({ target, subject, outcome }) => `${target} ${subject} ${outcome}`);
    return { readyAfterMs, observations, controls, seen };
  };
  const nextTick = async () => {
    await clock.turn((prober.nextTickAt() ?? clock.now()) - clock.now());
    return tick();
  };
  const teach = async (ticks: number): Promise<void> => {
    for (let n = 0; n < ticks; n++) await nextTick();
  };
  return { clock, network, prober, tick, nextTick, teach };
};

/** db-1, db-2, … */
export const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `db-${i + 1}`);
