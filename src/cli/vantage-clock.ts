import type { Clock } from "../schedule/clock.ts";

/** A call slower than this tells too little of the time. */
const ROUND_TRIP_MAX_MS = 2_000;
const SAMPLES_MAX = 8;
/** What two samples may contradict each other by, for drift, before the older ones are void. */
const TOLERANCE_MS = 100;
/** A correction of at least this much is told; what has begun would else have the wrong age. */
const STEP_MS = 100;

/** The detector's time less the monotonic one: within half a round trip of `offsetMs`. */
interface Sample {
  offsetMs: number;
  roundTripMs: number;
}

/** What a clock is made of. */
export interface TimeSource {
  /** Milliseconds since any instant, never set. */
  monotonic: () => number;
  after: Clock["after"];
}

/**
 * The detector's time: a monotonic clock and the offset learnt from the `at` of its replies, as in
 * Cristian's algorithm (1989). The machine's own wall clock lost: set by an hour, it would date
 * observations into the past or the future, and the judge weighs evidence by when it began.
 */
export class DetectorClock implements Clock {
  readonly #source: TimeSource;
  readonly #onStep: (shiftMs: number) => void;
  #samples: Sample[] = [];
  #offsetMs: number;

  /** `epochMs`: what the time is held to be now; `onStep` is told when that was wrong. */
  constructor(source: TimeSource, epochMs: number, onStep: (shiftMs: number) => void) {
    this.#source = source;
    this.#offsetMs = epochMs - source.monotonic();
    this.#onStep = onStep;
  }

  /** Whether the detector has told its time since the start. */
  get isLearnt(): boolean {
    return this.#samples.length > 0;
  }

  readonly now = (): number => this.#source.monotonic() + this.#offsetMs;

  readonly after = (ms: number, task: () => void): (() => void) => this.#source.after(ms, task);

  /** The time as it is set now, and not set again: durations by it are right whatever is learnt meanwhile. */
  frozen(): () => number {
    const offsetMs = this.#offsetMs;
    return () => this.#source.monotonic() + offsetMs;
  }

  /** Notes when a call begins; tell the answer of it the `at` of a reply that was not held. */
  measure(): (at: number) => void {
    const sent = this.#source.monotonic();
    return (at) => {
      const received = this.#source.monotonic();
      this.#learn({ offsetMs: at - (sent + received) / 2, roundTripMs: received - sent });
    };
  }

  #learn(sample: Sample): void {
    if (sample.roundTripMs > ROUND_TRIP_MAX_MS) return;
    // One of them was set meanwhile, or the machine slept: what was learnt before is of no use.
    const fitting = this.#samples.filter((other) => !contradicts(sample, other));
    this.#samples = [...fitting, sample].slice(-SAMPLES_MAX);
    const best = this.#samples.reduce((a, b) => (b.roundTripMs < a.roundTripMs ? b : a));
    const shiftMs = best.offsetMs - this.#offsetMs;
    this.#offsetMs = best.offsetMs;
    if (Math.abs(shiftMs) >= STEP_MS) this.#onStep(shiftMs);
  }
}

const contradicts = (a: Sample, b: Sample): boolean =>
  Math.abs(a.offsetMs - b.offsetMs) > (a.roundTripMs + b.roundTripMs) / 2 + TOLERANCE_MS;
