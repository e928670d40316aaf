/**
 * The φ accrual failure detector, on the stream of probes that were answered.
 *
 * Source: N. Hayashibara, X. Défago, R. Yared, T. Katayama, "The φ accrual failure detector", SRDS 2004: φ(t) = -log10
 * P(the next heartbeat comes later than t), with a normal distribution fitted to the last 1,000 intervals between
 * arrivals; suspect while φ ≥ Φ. Akka (PhiAccrualFailureDetector, reference.conf) adds what practice asked for: Φ 8, a
 * deviation of at least 100 ms, a pause of 3 s on top of the mean, and no learning from intervals that ended in suspicion.
 *
 * Simplified: a heartbeat is an answered probe, from whatever place, so the intervals are those of the merged,
 * evenly staggered stream, and a crash is a heartbeat that does not come: refusals count for nothing. Nobody is suspected
 * before 30 intervals are known. The paper has no least deviation; 1 ms keeps it from dividing by nothing.
 */
import type { Budget } from "./budget.ts";
import { zOf } from "./normal.ts";
import type { Opinion, Rule } from "./rule.ts";
import { staggered } from "./stagger.ts";

export interface Phi {
  name: string;
  /** Φ, from .5. */
  threshold: number;
  minDeviationMs: number;
  pauseMs: number;
  /** Whether an interval that ended in suspicion is learnt like any other. */
  learnsOutages: boolean;
}

/** As the paper has it. */
export const paperPhi = (threshold: number): Phi => ({
  name: `phi ${threshold}`,
  threshold,
  minDeviationMs: 1,
  pauseMs: 0,
  learnsOutages: true,
});

/** As Akka Cluster ships it. */
export const akkaPhi = (threshold = 8): Phi => ({
  name: `phi-akka ${threshold}`,
  threshold,
  minDeviationMs: 100,
  pauseMs: 3_000,
  learnsOutages: false,
});

const WINDOW = 1_000;
const LEAST_SAMPLES = 30;

/** The last so many intervals, their mean and deviation. */
class Intervals {
  readonly #samples = new Float64Array(WINDOW);
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(ms: number): void {
    const slot = this.#count % WINDOW;
    const old = this.#samples[slot]!;
    this.#sum += ms - old;
    this.#squares += ms * ms - old * old;
    this.#samples[slot] = ms;
    this.#count += 1;
  }

  get isKnown(): boolean {
    return this.#count >= LEAST_SAMPLES;
  }

  get mean(): number {
    return this.#sum / Math.min(this.#count, WINDOW);
  }

  get deviation(): number {
    const variance = this.#squares / Math.min(this.#count, WINDOW) - this.mean ** 2;
    return Math.sqrt(Math.max(0, variance));
  }
}

/** φ only grows between two heartbeats, so the instant of suspicion is known as soon as one has come. */
const opinionOf = (phi: Phi, z: number): Opinion => {
  const intervals = new Intervals();
  let lastAt = Number.NaN;
  let suspectAt = Number.POSITIVE_INFINITY;
  return {
    weigh: ({ healthy, at }, say) => {
      if (!healthy) return;
      const isSuspect = at > suspectAt;
      if (isSuspect) say(suspectAt, true);
      if (isSuspect) say(at, false);
      if (!Number.isNaN(lastAt) && (phi.learnsOutages || !isSuspect)) intervals.add(at - lastAt);
      lastAt = at;
      if (intervals.isKnown)
        suspectAt = at + intervals.mean + phi.pauseMs + z * Math.max(phi.minDeviationMs, intervals.deviation);
    },
    wait: (untilMs, say) => {
      if (untilMs > suspectAt) say(suspectAt, true);
    },
  };
};

export const phiAccrual = (phi: Phi, budget: Budget): Rule => {
  const z = zOf(phi.threshold);
  return {
    name: phi.name,
    checkers: (reality, _key, fromMs) => staggered(reality, fromMs, budget),
    opinion: () => opinionOf(phi, z),
  };
};
