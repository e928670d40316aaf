import type { Finding } from "../domain/observation.ts";
import type { Waits } from "./starter.ts";

/** One kind of time on one path, smoothed as in RFC 6298, section 2. */
export interface Estimate {
  /** SRTT. */
  meanMs: number;
  /** RTTVAR. */
  deviationMs: number;
  samples: number;
  /** The newest sample came later than is usual. */
  isLate: boolean;
}

/**
 * How fast one path usually is: Jacobson and Karels' estimator as in RFC 6298, once over the time to an
 * open connection and once over the time to the answer. The two are kept apart, since a connection is
 * the kernel's and the network's doing while an answer takes as long as the process needs.
 */
export interface Pace {
  /** Until the connection is open; until the answer, where the platform does not tell: that is never less. */
  connect: Estimate;
  answer: Estimate;
  /** Probes in a row that ended in silence. */
  unanswered: number;
  /** How many of these waited for a connection for less than the target's timeout since one waited all of it. */
  curtailed: number;
}

const NO_SAMPLE: Estimate = { meanMs: 0, deviationMs: 0, samples: 0, isLate: false };

export const FRESH_PACE: Pace = { connect: NO_SAMPLE, answer: NO_SAMPLE, unanswered: 0, curtailed: 0 };

const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;
/** Below this the estimate is a guess and the configured timeout holds. */
const SAMPLES_MIN = 4;
/** A connection is reported as pending after this at the earliest. At 400 ms a death is named 0.3 s earlier, and more on-demand looks fall into the same burst of loss. */
const OPEN_PATIENCE_MIN_MS = 500;
/** No other "still silent" comes before this, and no answer within it is called late. */
const PATIENCE_MIN_MS = 1_000;
/** What RFC 6298 takes for the timeout of a path before it was measured (section 2.1). */
const UNMEASURED_MS = 1_000;
/**
 * No connection is given up on sooner: RFC 6298's own least (section 2.4). At 500 ms a death is named 0.8 s earlier in the
 * simulator, and a vantage whose own packets have become slow is held for cut off from half of its targets.
 */
const CONNECT_MIN_MS = 1_000;
/** … but where a whole site is silent: there slots are scarce, and a queue that fills adds some hundred milliseconds. */
const CONNECT_SILENT_MIN_MS = 500;
/** A connection that took as long as this was slow. */
export const SLOW_MS = CONNECT_MIN_MS;
/** Where a sibling's connection was slow, this many times as long is waited for another. */
const SLOW_FACTOR = 1.5;
/** No probe is held for late before this: what is usual may be a few milliseconds. */
const LATE_MIN_MS = 300;
/** A wait this close to the configured timeout was that timeout: clocks are read a little late or early. */
const WHOLE_SHARE = 0.9;

/** True where the target kept silent to the end, wherever that was. */
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
 * One late time among prompt ones is no sample: a packet was lost and sent again, and that time is no
 * path's (Karn's rule, RFC 6298 section 3). Two in a row are, and one that ends a silence.
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
 * How long the next probe waits for its connection; once that is open, the answer has all of the
 * target's timeout. By what the path has shown, RFC 6298's retransmission timeout: a SYN not answered by
 * then is lost, or its answer is. A lost SYN is sent again only after 1 s (section 2.1), so on a quick path
 * such a silence tells of one lost packet, and its `totalMs` says so.
 *
 * `isPatient` gives all of `timeoutMs`: a path grown slower for good would else never open in time, give
 * no sample and never be learnt (RFC 6298 backs off for the same reason, section 5.5; doubling step by
 * step lost, since three silences in a row look like a cut). The caller rations that, since patience with
 * the dead holds slots.
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

/** How long the next probe is to wait, and whether the last one was silent. */
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
 * From what age on a silent probe is worth telling as `pending`. Where no answer was ever seen,
 * nobody knows what is usual: after a deploy, which resets all vantages at once, a "pending" from each
 * of them about a slow target would look like its death. There the first word is the final outcome;
 * once that was silence, 1 s is enough again.
 */
export const patienceMs = ({ answer, unanswered }: Pace, timeoutMs: number): number => {
  if (answer.samples > 0) return Math.min(timeoutMs, Math.max(PATIENCE_MIN_MS, usualMaxMs(answer)));
  return unanswered > 0 ? Math.min(timeoutMs, PATIENCE_MIN_MS) : timeoutMs;
};

/**
 * The same of a probe that still waits for its connection: on a measured path a SYN not answered by now is lost or dropped, which the
 * second one, a second after the first, will tell. The connection itself is waited for as long as ever.
 */
export const openPatienceMs = (pace: Pace, timeoutMs: number): number => {
  const known = patienceMs(pace, timeoutMs);
  return pace.connect.samples < SAMPLES_MIN
    ? known
    : Math.min(known, Math.max(OPEN_PATIENCE_MIN_MS, usualMaxMs(pace.connect)));
};

/** Both, and the target's own timeout. */
export const patiencesOf = (pace: Pace, timeoutMs: number) => ({
  timeoutMs,
  patienceMs: patienceMs(pace, timeoutMs),
  openPatienceMs: openPatienceMs(pace, timeoutMs),
});

/** From what age on a probe is later than its path usually is, so that its slot is as good as held by silence. */
export const lateAfterMs = ({ answer }: Pace): number =>
  answer.samples < SAMPLES_MIN ? PATIENCE_MIN_MS : Math.max(LATE_MIN_MS, usualMaxMs(answer));

/** Whether it is as good as known that a probe will be answered: the last one was. */
export const isProven = ({ answer, unanswered }: Pace): boolean => answer.samples > 0 && unanswered === 0;
