/** Whether this machine keeps up with the programs on it: printed beside every wrong answer. */
import { cpus, loadavg } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { DetectorApi } from "./detector-api.ts";

/** From here on the detector calls itself overloaded. */
const TICK_LATE_S = 2;
/** The clients that poll the detector through this process give up after 1 s at the earliest. */
const OWN_LATE_MS = 500;
const NANOSECONDS_PER_MS = 1e6;

/** The measurements since the last call. */
export interface Strain {
  /** How late a vantage's tick began at worst within two minutes, in seconds; NaN if the detector did not report it. */
  tickLateS: number;
  /** How long this process kept its own events waiting at worst, in milliseconds. */
  ownLateMs: number;
  /** Programs that ran or waited to run, over a minute. */
  load: number;
}

/** Largest sample of a metric, NaN for none. */
export const largestOf = (exposition: string, metric: string): number => {
  const values = exposition
    .split("\n")
    .filter((line) => line.startsWith(`${metric}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));
  return values.length === 0 ? Number.NaN : Math.max(...values);
};

export const isTooSlow = ({ tickLateS, ownLateMs }: Strain): boolean =>
  !(tickLateS < TICK_LATE_S) || ownLateMs >= OWN_LATE_MS;

/** For people: whether the machine or the detector caused a wrong look. */
export const inWords = (strain: Strain): string => {
  const { tickLateS, ownLateMs, load } = strain;
  const ticks = Number.isNaN(tickLateS)
    ? "the detector did not say how late its ticks were"
    : `ticks up to ${tickLateS.toFixed(1)} s late`;
  const measured = `${ticks}, this process up to ${ownLateMs.toFixed(0)} ms, load ${load.toFixed(1)} on ${cpus().length} cores`;
  return isTooSlow(strain) ? `the machine was too slow: ${measured}` : `the machine kept up: ${measured}`;
};

export class Machine {
  readonly #api: DetectorApi;
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor(api: DetectorApi) {
    this.#api = api;
    this.#delay.enable();
  }

  /** Since the last call; never rejects. */
  async strain(): Promise<Strain> {
    const ownLateMs = this.#delay.max / NANOSECONDS_PER_MS;
    this.#delay.reset();
    const text = await this.#api.ask("/v1/metrics").then(
      (answer) => answer.text,
      () => "",
    );
    const [load = Number.NaN] = loadavg();
    return { tickLateS: largestOf(text, "parallax_tick_lateness_seconds"), ownLateMs, load };
  }

  stop(): void {
    this.#delay.disable();
  }
}
