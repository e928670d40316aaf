import type { Clock } from "../../../schedule/clock.ts";
import type { Machine } from "../process/machine.ts";

/** A call slower than this tells no more than bounds of the time. */
const ROUND_TRIP_MAX_MS = 2_000;
const SAMPLES_MAX = 8;
/** What two samples may contradict each other by, for drift, before the older ones are void. */
const TOLERANCE_MS = 100;
/** A correction of at least this much is reported; otherwise what has begun would have the wrong age. */
const STEP_MS = 100;

type Source = Pick<Machine, "monotonic" | "after">;

/** The detector's time less the monotonic one: within half a round trip of `offsetMs`. */
interface Sample {
  offsetMs: number;
  roundTripMs: number;
}

/**
 * The detector's time: a monotonic clock and the offset learnt from the `at` of its replies, as in
 * Cristian's algorithm (1989). The machine's own wall clock lost: set by an hour, it would date what is
 * seen into the past or the future, and the judge weighs evidence by when it began.
 */
export class DetectorClock implements Clock {
  readonly #source: Source;
  readonly #onStep: (shiftMs: number) => void;
  #samples: Sample[] = [];
  #offsetMs: number;

  /** `epochMs`: what the time is held to be now; `onStep` is told when that was wrong. */
  constructor(source: Source, epochMs: number, onStep: (shiftMs: number) => void = () => undefined) {
    this.#source = source;
    this.#offsetMs = epochMs - source.monotonic();
    this.#onStep = onStep;
  }

  /** Whether the detector's time is known since the start. */
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

  /** This instant: epoch milliseconds, by what is known of the detector's time when asked. */
  mark(): () => number {
    const reading = this.#source.monotonic();
    return () => reading + this.#offsetMs;
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
    // One of them was set meanwhile, or the machine slept: what was learnt before is of no use.
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

/** Moved no further than a slow reply proves it wrong: the guess may be better than the middle of seconds. */
const bounded = (guessMs: number, { offsetMs, roundTripMs }: Sample): number =>
  Math.min(offsetMs + roundTripMs / 2, Math.max(offsetMs - roundTripMs / 2, guessMs));

const contradicts = (a: Sample, b: Sample): boolean =>
  Math.abs(a.offsetMs - b.offsetMs) > (a.roundTripMs + b.roundTripMs) / 2 + TOLERANCE_MS;
