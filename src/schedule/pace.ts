import type { Finding } from "../domain/observation.ts";
import type { Waits } from "./starter.ts";

/** One kind of time on one path, smoothed as in RFC 6298, section 2. */
export interface Estimate {
  /** SRTT. */
  meanMs: number;
  /** RTTVAR. */
  deviationMs: number;
  samples: number;
  /** The newest sample came later than usual. */
  isLate: boolean;
}

/**
 * How fast one path usually is: Jacobson and Karels' estimator as in RFC 6298, once over the time to an open connection and once over the
 * time to the answer. The two are kept apart, since the kernel and the network open a connection, while an answer takes as long as the
 * process needs.
 */
export interface Pace {
  /** Time until the connection is open. If the platform does not say, time until the answer, which is never less. */
  connect: Estimate;
  answer: Estimate;
  /** Probes in a row that ended in silence. */
  unanswered: number;
  /** How many of these waited for their connection for less than the target's timeout, since the last one that waited all of it. */
  curtailed: number;
}

const NO_SAMPLE: Estimate = { meanMs: 0, deviationMs: 0, samples: 0, isLate: false };

export const FRESH_PACE: Pace = { connect: NO_SAMPLE, answer: NO_SAMPLE, unanswered: 0, curtailed: 0 };

const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;
/** With fewer samples the estimate is a guess, and the configured timeout applies. */
const SAMPLES_MIN = 4;
/** A connection is reported as pending after this at the earliest. At 400 ms a death is named 0.3 s earlier, and more on-demand looks fall into the same burst of loss. */
const OPEN_PATIENCE_MIN_MS = 500;
/** No other "still silent" is reported before this, and no answer within it is called late. */
const PATIENCE_MIN_MS = 1_000;
/** What RFC 6298 takes for the timeout of an unmeasured path (section 2.1). */
const UNMEASURED_MS = 1_000;
/**
 * No probe gives up on a connection sooner: RFC 6298's own least (section 2.4). At 500 ms a death is named 0.8 s earlier in the simulator,
 * but a vantage whose own packets have become slow is taken for cut off from half of its targets.
 */
const CONNECT_MIN_MS = 1_000;
/** … except if a whole site is silent: then slots are scarce, and a queue that fills adds only some hundred milliseconds. */
const CONNECT_SILENT_MIN_MS = 500;
/** A connection that took as long as this was slow. */
export const SLOW_MS = CONNECT_MIN_MS;
/** If a sibling's connection was slow, a probe waits this many times as long for its own. */
const SLOW_FACTOR = 1.5;
/** No probe counts as late before this: what is usual may be a few milliseconds. */
const LATE_MIN_MS = 300;
/** A wait this close to the configured timeout counts as all of it: clocks are read a little late or early. */
const WHOLE_SHARE = 0.9;

/** True if the target stayed silent to the end, at whatever stage. */
export const isTimeout = ({ outcome }: Finding): boolean =>
  outcome === "connect_timeout" || outcome === "response_timeout";

/** The pace after one more finding; `timeoutMs` as configured. Only answers are samples: after a silence the estimates stay. */
export const learn = (pace: Pace, finding: Finding, timeoutMs: number): Pace => {
  if (isTimeout(finding)) {
    const isWhole = finding.outcome === "response_timeout" || finding.totalMs >= WHOLE_SHARE * timeoutMs;
    return { ...pace, unanswered: pace.unanswered + 1, curtailed: isWhole ? 0 : pace.curtailed + 1 };
  }
  if (finding.outcome !== "ok" && finding.outcome !== "app_error") return pace;
  const endsSilence = pace.unanswered > 0;
  return {
    connect: smooth(pace.connect, finding.connectMs ?? finding.totalMs, endsSilence),
    answer: smooth(pace.answer, finding.totalMs, endsSilence),
    unanswered: 0,
    curtailed: 0,
  };
};

/**
 * One late time among prompt ones is not a sample: a packet was lost and sent again, so the time does not show how fast the path is (Karn's
 * rule, RFC 6298 section 3). Two late times in a row are samples, and so is one that ends a silence.
 */
const smooth = (known: Estimate, sample: number, endsSilence: boolean): Estimate => {
  const isLate = known.samples >= SAMPLES_MIN && sample > Math.max(PATIENCE_MIN_MS, usualMaxMs(known));
  if (isLate && !known.isLate && !endsSilence) return { ...known, isLate };
  const isFirst = known.samples === 0;
  const { meanMs, deviationMs } = known;
  return {
    meanMs: isFirst ? sample : (1 - ALPHA) * meanMs + ALPHA * sample,
    deviationMs: isFirst ? sample / 2 : (1 - BETA) * deviationMs + BETA * Math.abs(meanMs - sample),
    samples: known.samples + 1,
    isLate,
  };
};

/** The upper end of what is usual: RFC 6298's retransmission timeout. */
const usualMaxMs = ({ meanMs, deviationMs }: Estimate): number => meanMs + K * deviationMs;

/**
 * How long the next probe waits for its connection; once that is open, the answer has all of the target's timeout. The wait is what the
 * path has shown, RFC 6298's retransmission timeout: if a SYN is not answered by then, it or its answer is lost. A lost SYN is sent again
 * only after 1 s (section 2.1), so on a quick path such a silence shows one lost packet, and its `totalMs` says so.
 *
 * `isPatient` gives all of `timeoutMs`: else a path that has become slower for good would never open in time, give no sample and never be
 * learnt (RFC 6298 backs off for the same reason, section 5.5). Rejected: doubling step by step, since three silences in a row look like a
 * cut. The caller limits how many probes are patient, since waiting for dead targets holds slots.
 */
export const connectWithinMs = (
  pace: Pace,
  timeoutMs: number,
  { isPatient, isSiteSilent, siblingMs }: { isPatient: boolean; isSiteSilent: boolean; siblingMs: number },
): number => {
  const { connect, unanswered } = pace;
  const isMeasured = connect.samples >= (isSiteSilent ? 1 : SAMPLES_MIN);
  if (isPatient || (!isMeasured && unanswered === 0 && !isSiteSilent)) return timeoutMs;
  const leastMs = Math.max(isSiteSilent ? CONNECT_SILENT_MIN_MS : CONNECT_MIN_MS, SLOW_FACTOR * siblingMs);
  const onceMs = Math.max(leastMs, isMeasured ? usualMaxMs(connect) : UNMEASURED_MS);
  return Math.min(timeoutMs, Math.round(onceMs));
};

/** How long the next probe waits, and whether the last one was silent. */
export const waitsFor = (
  pace: Pace,
  timeoutMs: number,
  how: Parameters<typeof connectWithinMs>[2],
): Waits => ({
  timeoutMs,
  connectWithinMs: connectWithinMs(pace, timeoutMs, how),
  wasSilent: pace.unanswered > 0,
});

/**
 * From what age on a silent probe is reported as `pending`. On a path without any answer so far, the usual time is unknown: after a deploy,
 * which resets all vantages at once, a "pending" from each of them about a slow target would look like its death. There the first report is
 * the final outcome. If that was silence, 1 s is enough again.
 */
export const patienceMs = ({ answer, unanswered }: Pace, timeoutMs: number): number => {
  if (answer.samples > 0) return Math.min(timeoutMs, Math.max(PATIENCE_MIN_MS, usualMaxMs(answer)));
  return unanswered > 0 ? Math.min(timeoutMs, PATIENCE_MIN_MS) : timeoutMs;
};

/**
 * The same for a probe that still waits for its connection. On a measured path a SYN not answered by now is lost or dropped; the second
 * SYN, a second after the first, shows which. How long the probe waits for the connection itself does not change.
 */
export const openPatienceMs = (pace: Pace, timeoutMs: number): number => {
  const known = patienceMs(pace, timeoutMs);
  return pace.connect.samples < SAMPLES_MIN
    ? known
    : Math.min(known, Math.max(OPEN_PATIENCE_MIN_MS, usualMaxMs(pace.connect)));
};

/** Both patiences, and the target's own timeout. */
export const patiencesOf = (pace: Pace, timeoutMs: number) => ({
  timeoutMs,
  patienceMs: patienceMs(pace, timeoutMs),
  openPatienceMs: openPatienceMs(pace, timeoutMs),
});

/** From what age on a probe is later than its path usually is, so that it probably holds its slot in silence. */
export const lateAfterMs = ({ answer }: Pace): number =>
  answer.samples < SAMPLES_MIN ? PATIENCE_MIN_MS : Math.max(LATE_MIN_MS, usualMaxMs(answer));

/** Whether a probe will almost certainly be answered, since the last one was. */
export const isProven = ({ answer, unanswered }: Pace): boolean => answer.samples > 0 && unanswered === 0;
