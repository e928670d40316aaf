import type { Finding } from "../domain/observation.ts";

/**
 * How fast one path usually answers: Jacobson and Karels' estimator as in RFC 6298, section 2, with
 * the response time in the place of the round trip. A fixed timeout lost: five seconds for a target
 * that answers in 20 ms holds a slot 250 times as long as needed.
 */
export interface Pace {
  srttMs: number;
  rttvarMs: number;
  samples: number;
  /** Smoothed time to an open connection, where the platform tells. */
  connectMs: number | undefined;
  /** The newest answer came later than is usual. */
  isLate: boolean;
  /** Probes in a row that ended in silence. */
  unanswered: number;
  /** Of these, how many were cut short of the configured timeout since one last waited it out. */
  curtailed: number;
}

export const FRESH_PACE: Pace = {
  srttMs: 0,
  rttvarMs: 0,
  samples: 0,
  connectMs: undefined,
  isLate: false,
  unanswered: 0,
  curtailed: 0,
};

const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;
/** Below this the estimate is a guess and the configured timeout holds. */
const SAMPLES_MIN = 4;
/** Neither a timeout nor a "still silent" comes before this. */
const PATIENCE_MIN_MS = 1_000;

/**
 * The pace after one more finding; `timeoutMs` as configured. Only answers are samples: after a
 * silence the estimate stays. Nor is one late answer among prompt ones: a packet was lost and sent
 * again, and that time is no path's (Karn's rule, RFC 6298 section 3). Two in a row are, and one
 * that ends a silence.
 */
export const learn = (pace: Pace, finding: Finding, timeoutMs: number): Pace => {
  if (finding.outcome === "connect_timeout" || finding.outcome === "response_timeout") {
    const curtailed = finding.totalMs < 0.9 * timeoutMs ? pace.curtailed + 1 : 0;
    return { ...pace, unanswered: pace.unanswered + 1, curtailed };
  }
  if (finding.outcome !== "ok" && finding.outcome !== "app_error") return pace;
  const sample = finding.totalMs;
  const isFirst = pace.samples === 0;
  const isLate = pace.samples >= SAMPLES_MIN && sample > Math.max(PATIENCE_MIN_MS, usualMaxMs(pace));
  if (isLate && !pace.isLate && pace.unanswered === 0)
    return { ...pace, isLate, unanswered: 0, curtailed: 0 };
  return {
    srttMs: isFirst ? sample : (1 - ALPHA) * pace.srttMs + ALPHA * sample,
    rttvarMs: isFirst ? sample / 2 : (1 - BETA) * pace.rttvarMs + BETA * Math.abs(pace.srttMs - sample),
    samples: pace.samples + 1,
    connectMs: smooth(pace.connectMs, finding.connectMs),
    isLate,
    unanswered: 0,
    curtailed: 0,
  };
};

const smooth = (mean: number | undefined, sample: number | undefined): number | undefined => {
  if (mean === undefined || sample === undefined) return sample ?? mean;
  return (1 - ALPHA) * mean + ALPHA * sample;
};

/** The upper end of what is usual: RFC 6298's retransmission timeout. */
const usualMaxMs = (pace: Pace): number => pace.srttMs + K * pace.rttvarMs;

/**
 * How long the next probe may take: twice the usual, 1 s to `timeoutMs`; all of `timeoutMs` while
 * little is known and nothing was silent yet. `isPatient` gives it all: a target grown slower for good
 * would else time out for ever, give no sample and never be learnt (RFC 6298 backs off for the same
 * reason, section 5.5). The caller rations that, since patience with the dead holds slots.
 */
export const effectiveTimeoutMs = (pace: Pace, timeoutMs: number, isPatient: boolean): number => {
  if (isPatient || (pace.samples < SAMPLES_MIN && pace.unanswered === 0)) return timeoutMs;
  return Math.min(timeoutMs, Math.max(PATIENCE_MIN_MS, Math.round(2 * usualMaxMs(pace))));
};

/**
 * From what age on a silent probe is worth telling as `pending`. Where no answer was ever seen,
 * nobody knows what is usual: after a deploy, which resets all vantages at once, a "pending" from each
 * of them about a slow target would look like its death. There the first word is the final outcome;
 * once that was silence, 1 s is enough again.
 */
export const patienceMs = (pace: Pace, timeoutMs: number): number => {
  if (pace.samples > 0) return Math.min(timeoutMs, Math.max(PATIENCE_MIN_MS, usualMaxMs(pace)));
  return pace.unanswered > 0 ? Math.min(timeoutMs, PATIENCE_MIN_MS) : timeoutMs;
};
