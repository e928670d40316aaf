/**
 * Every number of the judge that is a choice, each with its trade-off. Likelihoods and priors stand
 * in likelihood.ts.
 */
export interface Tuning {
  /** Every prior of a fault is multiplied by this: what holds at 0.1 and at 10 does not hang on them. */
  priorFactor: number;
  /** From this belief on a target counts as down … */
  downBelief: number;
  /** … and from this one its cause has a name: more certainty costs seconds, less costs mistakes. */
  namedBelief: number;
  /** Vantages that need not have been heard since the last answer before something is named: … */
  unheardShare: number;
  /** … where nothing but links explains the silence, none for so long and then one. */
  unheardMs: number;
  /** Sightings kept for each pair of vantage and target: more remember longer, and cost memory for every pair. */
  sightingsKept: number;
  /** Evidence counts for at least this long, however short the interval. */
  freshnessMs: number;
  /** A single vote counts at least this long, and four intervals: under load a vantage looks less often. */
  voteLifeMs: number;
  /** How long an `ok` still contradicts newer failures beyond its interval: until it must have been repeated. */
  okGraceMs: number;
  /** Quorum: sound vantages needed, and where that many are sound, the larger number (CA/B Forum BR 3.2.2.9). */
  quorum: number;
  quorumOfMany: number;
  /** From this many votes on, two may fail in another way; below it one. */
  lenientFrom: number;
  /** A path is cut after this many silences in a row … */
  cutSilences: number;
  /** … or as many as the loss that its operator expects brings with at most this chance … */
  cutByLoss: number;
  /** … and the loss of its site, whose paths and targets are so many chances more. */
  cutBySiteLoss: number;
  /** … over at least this long: fewer or faster would call every burst of loss a partition. */
  cutSpanMs: number;
  /** Wrong answers among the recent ones that make a target gray: a single one is an accident. */
  grayCount: number;
  grayShare: number;
  /** … and fewer do where they are wrong answers, which no lost packet brings about. */
  amissShare: number;
  /** After one such answer everybody looks again and again for so long: at 10 % one look in ten finds another. */
  amissMs: number;
  /** Share of probes lost, without any path being cut, that makes a target gray. */
  lossyShare: number;
  /** A refusal faster than this share of the healthy connect time comes from something nearer than the node. */
  refusalShare: number;
  /** Healthy connects below this tell nothing about where a refusal came from. */
  refusalFloorMs: number;
  /** Healthy connects measured before that rule holds: few of them may all be slow for reasons of our own. */
  refusalConnects: number;
  /** Siblings that begin to refuse within this time of each other are refused by something in front of them. */
  togetherMs: number;
  /** Dwell before `alive` again: one interval, times this for each recent fall, at most dwellMaxMs. */
  dwellGrowth: number;
  dwellMaxMs: number;
  /** Falls are remembered this long. */
  flapMemoryMs: number;
  /** A verdict that held this long is settled: `unknown` keeps its routing. */
  settledMs: number;
  /** Fail open: at least this many targets over at least two sites, more than half silent at once. */
  failOpenTargets: number;
  failOpenWindowMs: number;
  /** A control's word counts this long. */
  controlLifeMs: number;
  /** From this badness on everybody is asked for a look, below it only those who miss the target. */
  suspectBelief: number;
  /** From this one on the looks follow each other faster. */
  urgentBelief: number;
  urgentGapMs: number;
  /** Bursts: the gap between two for one target, doubling from the third up to the longest. */
  burstGapMs: number;
  burstGapMaxMs: number;
  /** Bursts a shard may have at once, the time to earn another, and targets that share one. */
  burstTokens: number;
  burstTokenMs: number;
  /** Tokens that only grave suspicion may spend. */
  burstReserve: number;
  burstTargets: number;
}

export const TUNING: Tuning = {
  priorFactor: 1,
  downBelief: 0.999,
  namedBelief: 0.99,
  unheardShare: 0.25,
  unheardMs: 3_000,
  sightingsKept: 8,
  freshnessMs: 15_000,
  voteLifeMs: 30_000,
  okGraceMs: 8_000,
  quorum: 3,
  quorumOfMany: 5,
  lenientFrom: 6,
  cutSilences: 3,
  cutByLoss: 0.01,
  cutBySiteLoss: 0.002,
  cutSpanMs: 3_000,
  grayCount: 2,
  grayShare: 0.08,
  amissShare: 0.03,
  amissMs: 4_000,
  lossyShare: 0.2,
  refusalShare: 0.5,
  refusalFloorMs: 5,
  refusalConnects: 5,
  togetherMs: 3_000,
  dwellGrowth: 1.5,
  dwellMaxMs: 30_000,
  flapMemoryMs: 600_000,
  settledMs: 10_000,
  failOpenTargets: 4,
  failOpenWindowMs: 60_000,
  controlLifeMs: 60_000,
  suspectBelief: 0.008,
  urgentBelief: 0.3,
  urgentGapMs: 1_500,
  burstGapMs: 2_500,
  burstGapMaxMs: 30_000,
  burstTokens: 10,
  burstReserve: 3,
  burstTokenMs: 6_000,
  burstTargets: 20,
};
