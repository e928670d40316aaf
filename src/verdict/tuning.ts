/**
 * Every number of the judge that is a choice: its unit, why it has this value, and what pins it. Likelihoods, priors and
 * the limits of the arithmetic stand in likelihood.ts; no other file of the judge has a number but 0, 1 and 2.
 *
 * Names end in their unit: `Ms` for milliseconds, `Belief`, `Share` and `By…` for chances from 0 to 1; the others are counts.
 * What a wrong value breaks is tried for each of them, halved and doubled: docs/audit.md.
 */
export const TUNING = {
  // — Believing —
  /** Every prior of a fault is multiplied by this: what holds at 0.1 and at 10 does not hang on them. */
  priorFactor: 1,
  /** From this belief on a target counts as down … */
  downBelief: 0.999,
  /** … and from this one its cause has a name: more certainty costs seconds, less costs mistakes. */
  namedBelief: 0.99,
  /** Below this belief what stands is doubted, and the answer says so. */
  doubtedBelief: 0.5,
  /** A path believed cut by less than this may carry the answer that is missed. */
  openPathBelief: 0.5,
  /** A path that stands as cut needs no new explanation: silence on it is no evidence of anything else. */
  standingCutPrior: 0.5,
  /** A vantage has missed a target beside its siblings once this much of a silence is left to explain. */
  missedWeight: 0.5,
  /** Silences older than any vote says are not looked for. */
  oldestMs: 120_000,

  // — Remembering —
  /** Observations kept for each pair of vantage and target: more remember longer, and cost memory for every pair. */
  observationsKept: 8,
  /** How fast the shortest healthy connect gives way to longer ones, per measurement: an average makes honest refusals look too fast. */
  connectRise: 0.01,
  /** Boots remembered as over; a word of an older one is taken for a new one's. */
  bootsKept: 16,
  /** Falls kept: more than these bring no longer dwell. */
  fallsKept: 20,
  /** Clocks of vantages differ by this much, and packets may be under way when a link is cut. */
  proofGuardMs: 200,
  /** A fault older than this is as likely to have ended as one of this age. */
  gapMaxMs: 60_000,
  /** Above this a gap explains nothing worth remembering; … */
  unexplainedShare: 0.99,
  /** … and below this, everything. */
  explainedShare: 0.05,

  // — What counts —
  /** Evidence counts for at least this long, however short the interval, and for two intervals; who has not reported since is silent. */
  freshnessMs: 15_000,
  /** What was in flight when a fault began may still arrive for so long: an answer or a heartbeat. At 2 s a cut site is named 1.4 s later. */
  inFlightMs: 1_000,
  /** A single vote counts at least this long, and … */
  voteLifeMs: 30_000,
  /** … for so many intervals: under load a vantage looks less often. */
  voteLifeIntervals: 4,
  /** How long an `ok` still contradicts newer failures beyond its interval: until it must have been repeated. */
  okGraceMs: 8_000,
  /** A connection that opened this shortly before the prober gave up has not been waited on. */
  hangMinMs: 500,
  /** A refusal faster than this share of the healthy connect time comes from something nearer than the node. */
  refusalShare: 0.5,
  /** Healthy connects below this say nothing about where a refusal came from. */
  refusalFloorMs: 5,
  /** Healthy connects measured before that rule holds: few of them may all be slow for reasons of our own. */
  refusalConnects: 5,
  /** Silences of one edge within this time of each other may be one burst of loss … */
  lossBurstMs: 30_000,
  /** … unless no more than this much of the earlier one is left to explain. */
  repeatWeight: 0.5,

  // — Whose word counts —
  /** A control's word counts this long. */
  controlLifeMs: 60_000,
  /** A vantage that so often … */
  refusalsMost: 3,
  /** … within so long tells what it was not asked for is not the program we know. A change of what it is asked for may make it do so once. */
  refusalMemoryMs: 600_000,
  /** A vantage is broken that is alone in failing this many times as often as it agrees with anybody. */
  aloneRatio: 4,

  /** A report that has waited so long for us, a wake-up so late, or looks of several vantages so long overdue, come of our own absence. */
  awayMs: 2_000,
  /** What waited for us arrives within this time of our return, where all have caught up before. */
  returnMs: 500,
  /** A look due no longer than this before we came back is on its way, and not waited for. */
  caughtUpMs: 1_000,

  /** The report of a look that took all of its timeout arrives so much after its end at most, if it was begun in its turn. */
  reportMarginMs: 1_500,

  // — Agreement —
  /** Quorum: sound vantages needed, and where that many are sound, the larger number (CA/B Forum BR 3.2.2.9). */
  quorum: 3,
  quorumOfMany: 5,
  /** From this many votes on, two may fail in another way; below it one. */
  lenientFrom: 6,
  /** With fewer vantages than this failing, one look each is not enough to name anything. */
  persistentFrom: 3,
  /** Vantages that need not have been heard since the last answer before something is named: … */
  unheardShare: 0.25,
  /** … where nothing but links explains the silence, none for so long and then one. */
  unheardMs: 3_000,
  /** Whose newest report was longer on its way is not waited for: four such of nine held up a death for 17 s. */
  slowReportMs: 3_000,
  /** … and a silent connection may still be answered within this time: no prober gives it up sooner, and a late one is reported as pending before. */
  slowAnswerMs: 1_000,

  // — What surrounds a target —
  /** Vantages that must have looked at a witness before its word is taken. */
  witnesses: 2,
  /**
   * Looks in a row from inside that must miss it over an interval: as many as the loss inside brings about with at most this chance. One
   * packet is soon lost, and a death confirmed on that word; at 50 % it never tells a death.
   */
  insideByLoss: 1e-3,
  /** An inside vantage speaks by its last looks of the good time, so many of them: the newest may have been lost. */
  insideLooks: 2,
  /** A channel speaks that was answered so recently before the trouble; intervals, since a witness has one round in four … */
  channelLifeIntervals: 8,
  /** … and no less than this. */
  channelLifeMs: 60_000,
  /** Siblings that begin to refuse within this time of each other are refused by something in front of them. */
  togetherMs: 3_000,
  /** Probes of one burst begin within this time of each other. */
  sameTickMs: 250,
  /** Vantages that must have been answered elsewhere: one may have lost a packet just before it lost everything. */
  hearing: 2,
  /** What answered within this time before the trouble began would have answered since. */
  latelyMs: 60_000,
  /** Fail open: at least this many targets over at least two sites, more than half silent at once. */
  failOpenTargets: 4,
  failOpenWindowMs: 60_000,

  // — The node's own words —
  /** Two windows over the gaps between heartbeats, a short and a long one (Tomsic et al., "2W-FD", 2015). */
  heartbeatShortWindow: 4,
  heartbeatLongWindow: 24,
  /** Taken for their period before two have arrived. */
  heartbeatDefaultMs: 10_000,
  /** Beyond the expected arrival, one more period, so that one may be missed; no less than this. */
  heartbeatMarginMs: 1_500,
  /** A longer silence between two is an outage, and says nothing of the usual gap; periods. */
  heartbeatOutagePeriods: 4,
  /** For so long after it was heard a notice is looked into. */
  noticeOpenMs: 10_000,
  /** For so long the advice says that a notice was contradicted. */
  noticeContradictedMs: 600_000,
  /** A crash must have held this long before a successor takes over, unless policy says otherwise: a supervisor that revives a process does so within seconds. */
  restartGraceMs: 10_000,

  // — Hangs —
  /** A death or a cut catches in flight what many vantages began at one instant; what accepts more than that hangs: so many, … */
  hangSigns: 3,
  /** … over so long. */
  hangSpanMs: 500,
  /** A probe that a freeze caught in flight may have begun this long before another's last `ok` did: at 1 s hangs come out gray … */
  hangInFlightMs: 2_000,
  /** … where less than this is lost; else it is a lost answer, and silence beside it no full queue. */
  hangInFlightLoss: 0.05,

  // — Crashes —
  /** A process that was seen to listen between refusals has crashed once chance brings so many refusals in a row less often. */
  closedByChance: 1e-3,

  // — Loss —
  /** Loss is learnt as if so many looks had been seen before that fared as usual. */
  lossPriorLooks: 15,
  /** Fewer settled looks than these say nothing new of a site's loss: a cut leaves none, and what was lossy before it has not mended. */
  lossLooks: 5,
  /** How far back it is learnt for what is believed of a site: it may begin and end within seconds; … */
  siteLossMs: 8_000,
  /** A site may have become lossy about so long ago, which every lost probe since speaks for and every answer against. */
  lossySinceMs: [2_500, 5_000, 10_000],
  /** … and for whether a path is cut, which is said after seconds and must not hang on a burst. */
  pathLossMs: 30_000,

  // — Partitions —
  /** A path is cut after this many silences in a row … */
  cutSilences: 3,
  /** … or as many as the loss of its vantage, or the one that its operator expects, brings with at most this chance … */
  cutByLoss: 0.01,
  /** … and the same for the loss of its site: stricter, because each path and target of the site is one more chance of a false call … */
  cutBySiteLoss: 2e-5,
  /** … one of them waited on for about all of the timeout … */
  wholeWait: 0.9,
  /** … where others are answered so many times later than usual: a path that has become slow is not cut; … */
  slowFactor: 3,
  /** … and no sooner than this, which fits into the shortest wait twice: nearby, times are many times each other for nothing … */
  slowMs: 250,
  /** … for more than this share of the answers: single ones may have been lost and sent again; … */
  slowShare: 0.15,
  /** … but no more than these: where most of what is sent to a site is lost, who hears nothing at all is cut off … */
  cutSilencesMost: 7,
  /** … over at least this long: fewer or faster would call every burst of loss a partition. */
  cutSpanMs: 3_000,

  // — Gray —
  /** Wrong answers among the recent ones that make a target gray: a single one is an accident. */
  grayCount: 2,
  grayShare: 0.08,
  /** … and fewer do where they are wrong answers, which no lost packet brings about. */
  amissShare: 0.03,
  /** After one such answer everybody looks again and again for so long: at 10 % one look in ten finds another. */
  amissMs: 4_000,
  /** Share of probes lost, without any path being cut, that makes a target gray, … */
  lossyShare: 0.2,
  /** … if it is more than so many, from more than one vantage. */
  lossySilences: 3,

  // — Settling —
  /** Dwell before `alive` again: one interval, times this for each recent fall, at most dwellMaxMs. */
  dwellGrowth: 1.5,
  dwellMaxMs: 30_000,
  /** Falls are remembered this long. */
  flapMemoryMs: 600_000,
  /** So often within this time a trouble is called otherwise, or confirmed, at once; each further name has to last. */
  turnsFree: 3,
  turnMemoryMs: 60_000,
  /** A verdict that held this long is settled: `unknown` keeps its routing. */
  settledMs: 10_000,

  // — Looking again —
  /** From this chance of being down on everybody is asked for a look, below it only those who miss the target. */
  suspectBelief: 0.008,
  /** From this one on the looks follow each other faster, and nobody takes the target for one that lives. */
  urgentBelief: 0.3,
  urgentGapMs: 1_500,
  /** The gap between two bursts for one target, doubling from the third up to the longest. */
  burstGapMs: 2_500,
  burstGapMaxMs: 30_000,
  /** Bursts a shard may have at once, the time to earn another, and targets that share one. */
  burstTokens: 10,
  burstTokenMs: 6_000,
  burstTargets: 20,
  /** A burst due within this time goes along with one that is due now: it costs less than one of its own. */
  burstRideMs: 1_200,
  /** Tokens that only grave suspicion may spend. */
  burstReserve: 3,
  /** A look takes so long until its report is judged: fresh probes for failover are asked for before they run out. */
  renewalMs: 2_000,
  /** An undecided target is judged again at least this often, while anybody looks harder at it. */
  undecidedMs: 2_000,
};

export type Tuning = Readonly<typeof TUNING>;
