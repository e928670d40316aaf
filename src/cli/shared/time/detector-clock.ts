import type { Clock } from "../../../schedule/clock.ts";
import type { Machine } from "../process/machine.ts";

/** A call slower than this yields only bounds of the time. */
const ROUND_TRIP_MAX_MS = 2_000;
const SAMPLES_MAX = 8;
/** How far two samples may contradict each other, because of drift, before the older one is dropped. */
const TOLERANCE_MS = 100;
/** A correction of at least this much is reported, so that the ages of events that have begun can be corrected. */
const STEP_MS = 100;

type Source = Pick<Machine, "monotonic" | "after">;

/** The detector's time less the monotonic one: within half a round trip of `offsetMs`. */
interface Sample {
  offsetMs: number;
  roundTripMs: number;
}

/**
 * The detector's time: a monotonic clock and the offset learnt from the `at` of the detector's replies, as in Cristian's algorithm (1989).
 * Rejected: the machine's own wall clock. Set wrong by an hour, it would date observations into the past or the future, and the judge
 * weighs evidence by when it began.
 */
export class DetectorClock implements Clock {
  readonly #source: Source;
  readonly #onStep: (shiftMs: number) => void;
  #samples: Sample[] = [];
  #offsetMs: number;

  /** `epochMs`: the assumed time now; `onStep` is called with each larger correction. */
  constructor(source: Source, epochMs: number, onStep: (shiftMs: number) => void = () => undefined) {
    this.#source = source;
    this.#offsetMs = epochMs - source.monotonic();
    this.#onStep = onStep;
  }

  /** Whether the detector's time has been learnt since the start. */
  get isLearnt(): boolean {
    return this.#samples.length > 0;
  }

  readonly now = (): number => this.#source.monotonic() + this.#offsetMs;

  readonly after = (ms: number, task: () => void): (() => void) => this.#source.after(ms, task);

  /** A clock with the offset of now, which later corrections do not change: durations by it are right whatever is learnt meanwhile. */
  frozen(): () => number {
    const offsetMs = this.#offsetMs;
    return () => this.#source.monotonic() + offsetMs;
  }

  /** This instant in epoch milliseconds, by the estimate of the detector's time at the time of the call. */
  mark(): () => number {
    const reading = this.#source.monotonic();
    return () => reading + this.#offsetMs;
  }

  /** Notes when a call begins. Call the returned function with the `at` of the reply, unless the reply was held. */
  measure(): (at: number) => void {
    const sent = this.#source.monotonic();
    return (at) => {
      const received = this.#source.monotonic();
      this.#learn({ offsetMs: at - (sent + received) / 2, roundTripMs: received - sent });
    };
  }

  #learn(sample: Sample): void {
    // A clock was set meanwhile, or the machine slept: earlier samples that contradict this one are useless.
    this.#samples = this.#samples.filter((other) => !contradicts(sample, other));
    if (sample.roundTripMs <= ROUND_TRIP_MAX_MS)
      this.#samples = [...this.#samples, sample].slice(-SAMPLES_MAX);
    const before = this.#offsetMs;
    this.#offsetMs = quickest(this.#samples)?.offsetMs ?? bounded(before, sample);
    const shiftMs = this.#offsetMs - before;
    if (Math.abs(shiftMs) >= STEP_MS) this.#onStep(shiftMs);
  }
}

const quickest = (samples: Sample[]): Sample | undefined =>
  samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs)[0];

/** Moves the guess no further than a slow reply proves it wrong: the guess may be better than the middle of a range of seconds. */
const bounded = (guessMs: number, { offsetMs, roundTripMs }: Sample): number =>
  Math.min(offsetMs + roundTripMs / 2, Math.max(offsetMs - roundTripMs / 2, guessMs));

const contradicts = (a: Sample, b: Sample): boolean =>
  Math.abs(a.offsetMs - b.offsetMs) > (a.roundTripMs + b.roundTripMs) / 2 + TOLERANCE_MS;
