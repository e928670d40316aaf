/** Small values of the judge's memory for tables. A row gives the fields that it is about; everything else is well and quiet. */
import type { JudgedTarget } from "../../src/domain/evidence.ts";
import { keyOf } from "../../src/domain/name.ts";
import type { Observation } from "../../src/domain/observation.ts";
import type { Outcome, Stage } from "../../src/domain/outcome.ts";
import type { Report } from "../../src/domain/report.ts";
import { type Belief, CALM_BELIEF } from "../../src/verdict/belief/beliefs.ts";
import type { Facts, Seen } from "../../src/verdict/facts/facts.ts";
import type { PathLoss } from "../../src/verdict/facts/loss.ts";
import type { Quorum } from "../../src/verdict/facts/quorum.ts";
import type { VoteKind, Vote } from "../../src/verdict/facts/votes.ts";
import type { NoticeRecord } from "../../src/verdict/memory/node.ts";
import { EMPTY_EDGE, UNPROVEN } from "../../src/verdict/memory/observation-record.ts";
import {
  type ControlRecord,
  type Edge,
  emptyState,
  NEVER,
  type Proof,
  type Published,
  type ShardState,
  type ObservationRecord,
  type SiteRecord,
  type Standing,
  type TargetState,
  type VantageRecord,
} from "../../src/verdict/memory/judge-state.ts";
import { newTarget, UNSEEN_SITE } from "../../src/verdict/memory/target-state.ts";
import type { Conclusion } from "../../src/verdict/naming/case.ts";

/** The present in every table. */
export const NOW = 10_000_000;
/** Vantages outside of every site, each in a region of its own. */
export const IDS = ["a", "b", "c", "d", "e", "f", "g"];

type SeenPart = Partial<ObservationRecord>;

type VantagePart = Partial<Omit<VantageRecord, "vantage">> & {
  region?: string;
  provider?: string;
  site?: string;
};

/** A sound vantage that has just reported. */
export const vantage = (
  id: string,
  { region = id, provider = "net", site, ...part }: VantagePart = {},
): VantageRecord => ({
  vantage: { id, kind: "remote", region, provider, ...(site === undefined ? {} : { site }) },
  state: "sound",
  reason: "",
  lastReportAt: NOW,
  lastSequence: 1,
  madeAt: NOW,
  colo: null,
  controls: new Map(),
  reports: 1,
  observations: 1,
  dropped: 0,
  refused: 0,
  refusedAt: [],
  alone: new Map(),
  turns: null,
  proof: UNPROVEN,
  trustedSince: 0,
  ...part,
});

export const control = (begin: number, part: Partial<ControlRecord> = {}): ControlRecord => ({
  begin,
  answered: true,
  answeredAt: part.answered === false ? 0 : begin,
  failures: part.answered === false ? 1 : 0,
  ...part,
});

export const proofAt = (at: number, badness = 0): Proof => ({ at, badness, gap: null });

const STAGES: Partial<Record<Outcome, Stage>> = {
  ok: "done",
  app_error: "done",
  response_timeout: "response",
  reset: "response",
  tls_failure: "tls",
};

export const observed = (begin: number, outcome: Outcome = "ok", part: SeenPart = {}): ObservationRecord => ({
  begin,
  outcome,
  stage: STAGES[outcome] ?? "connect",
  totalMs: 1_000,
  ...part,
});

/** The same observation as a vantage reports it. */
export const observation = (
  key: string,
  begin: number,
  outcome: Outcome = "ok",
  part: Partial<Observation> = {},
): Observation => {
  const [site = "", target = ""] = key.split("/");
  return {
    site,
    target,
    subject: "target",
    begin,
    outcome,
    stage: STAGES[outcome] ?? "connect",
    totalMs: 1_000,
    ...part,
  };
};

export const report = (by: string, observations: Observation[], part: Partial<Report> = {}): Report => ({
  vantage: by,
  sequence: 2,
  madeAt: NOW,
  version: 1,
  dropped: 0,
  observations,
  controls: [],
  ...part,
});

/** An edge with these records, oldest first. */
export const edge = (recent: ObservationRecord[], part: Partial<Edge> = {}): Edge => ({
  ...EMPTY_EDGE,
  recent,
  lastOk: recent.findLast(({ outcome }) => outcome === "ok")?.begin ?? null,
  ...part,
});

/** No path loses anything, and no vantage or site is slow. */
export const NO_LOSS: PathLoss = {
  ofVantage: () => 0,
  ofSite: () => 0,
  isSlowVantage: () => false,
  isSlowSite: () => false,
  openAt: () => 0,
};

export const KEY = "fra/db-1";

export const judged = (key: string, part: Partial<JudgedTarget> = {}): JudgedTarget => {
  const [site = "", target = ""] = key.split("/");
  return {
    site,
    target,
    intervalMs: 5_000,
    timeoutMs: 2_000,
    vantages: IDS,
    hasWitness: false,
    paused: false,
    policy: {},
    ...part,
  };
};

type TargetPart = Partial<Omit<TargetState, "target" | "standing" | "published">> & {
  target?: Partial<JudgedTarget>;
  standing?: Partial<Standing>;
  published?: Partial<Published>;
};

/** A target that has been known for long, with the fields of `part`; everything else is unknown. */
export const targetState = (part: TargetPart = {}, key = KEY): TargetState => {
  const fresh = newTarget(judged(key, part.target), `tcp://${key}`, 1, 0, 0);
  return {
    ...fresh,
    announced: true,
    ...part,
    target: fresh.target,
    standing: { ...fresh.standing, ...part.standing },
    published: { ...fresh.published, ...part.published },
  };
};

/** A target whose standing and published verdict are this one. */
export const standingAs = (verdict: Standing["verdict"], part: TargetPart = {}, key = KEY): TargetState =>
  targetState(
    {
      onceAlive: true,
      ...part,
      standing: { verdict, confirmed: true, ...part.standing },
      published: { verdict, confirmed: true, ...part.published },
    },
    key,
  );

interface ShardPart extends Partial<Omit<ShardState, "vantages" | "targets" | "sites">> {
  vantages?: VantageRecord[];
  targets?: TargetState[];
  sites?: Record<string, Partial<SiteRecord>>;
}

/** A shard with these vantages and targets, whose sites list their targets. */
export const shardOf = ({ vantages, targets = [], sites = {}, ...part }: ShardPart = {}): ShardState => {
  const known = vantages ?? IDS.map((id) => vantage(id));
  const names = new Set([...Object.keys(sites), ...targets.map(({ target }) => target.site)]);
  const keyed = targets.map((state) => ({ key: keyOf(state.target.site, state.target.target), state }));
  return {
    ...emptyState(),
    vantages: new Map(known.map((record) => [record.vantage.id, record])),
    targets: new Map(keyed.map(({ key, state }) => [key, state])),
    sites: new Map(
      [...names].map((site) => {
        const keys = keyed.filter(({ state }) => state.target.site === site).map(({ key }) => key);
        return [site, { ...UNSEEN_SITE, targets: keys, ...sites[site] }];
      }),
    ),
    ...part,
  };
};

const OUTCOMES: Record<VoteKind, Outcome> = {
  ok: "ok",
  refused: "refused",
  silent: "connect_timeout",
  hung: "response_timeout",
  wrong: "app_error",
  rejected: "refused",
};

/** The record on which a vote of this kind rests. */
export const observedAs = (kind: VoteKind, begin: number, part: SeenPart = {}): ObservationRecord =>
  observed(begin, OUTCOMES[kind], { ...(kind === "rejected" ? { proxied: true } : {}), ...part });

/** A vote that began at `begin`. Its vantage has seen nothing else, except the records in `before`. */
export const vote = (
  by: string | VantageRecord,
  kind: VoteKind,
  begin = NOW - 1_000,
  { before = [], ...part }: SeenPart & { before?: ObservationRecord[] } = {},
): Vote => {
  const seen = observedAs(kind, begin, part);
  return {
    record: typeof by === "string" ? vantage(by) : by,
    kind,
    observation: seen,
    edge: edge([...before, seen]),
  };
};

/** Votes of this kind by `count` vantages. */
export const votes = (count: number, kind: VoteKind, from = 0): Vote[] =>
  IDS.slice(from, from + count).map((id) => vote(id, kind));

/** What is seen where these vantages vote and all others have been heard: seven sound vantages, and a trouble ten seconds old. */
export const seenOfVotes = (counted: Vote[], part: Partial<Seen> = {}): Seen => {
  const failing = counted.filter(({ kind }) => kind !== "ok");
  const failingSince = part.failingSince ?? (failing.length === 0 ? NOW : NOW - 10_000);
  return {
    key: KEY,
    target: judged(KEY),
    now: NOW,
    counted,
    inside: [],
    insiders: [],
    lagMs: 0,
    openUntil: NEVER,
    listens: false,
    insideUnheard: 0,
    onset: Math.min(NOW - 11_000, part.failingSince ?? NOW),
    failing,
    dissent: counted.filter(({ kind }) => kind === "ok"),
    failingSince,
    unheard: 0,
    lastReacherHeard: true,
    lastReacherOwes: false,
    lastReacher: null,
    soundCount: 7,
    providers: new Set(["net"]),
    overruled: [],
    ...part,
  };
};

/** What is observed of a target, together with what is remembered of it. */
export interface Observed extends Facts {
  state: TargetState;
}

/** The same, with surroundings that show nothing. */
export const factsOfVotes = (counted: Vote[], part: Partial<Observed> = {}): Observed => {
  const state = part.state ?? targetState();
  return {
    ...seenOfVotes(counted, part),
    target: state.target,
    witnessAnswers: false,
    witnessServes: false,
    witnessAnswered: false,
    witnessSilent: false,
    witnessRefuses: false,
    witnessAwaited: false,
    sibling: null,
    siblingOkAt: 0,
    siblings: 0,
    insideWords: [],
    insideServes: false,
    lives: false,
    insideMisses: false,
    heartbeat: "none",
    signOfLife: "",
    ...part,
    state,
  };
};

export const quorum = (part: Partial<Quorum> = {}): Quorum => ({
  kind: "silent",
  met: true,
  unanimous: true,
  until: NOW + 7_000,
  ...part,
});

export const conclusion = (part: Partial<Conclusion> = {}): Conclusion => ({
  rule: "made",
  verdict: "process_crashed",
  scope: "target",
  quorum: quorum(),
  proof: "none",
  cut: [],
  because: "so it was made",
  votes: [],
  unserved: false,
  amissAt: 0,
  witnessAwaited: false,
  ...part,
});

export const belief = (part: Partial<Belief> = {}): Belief => ({ ...CALM_BELIEF, openPaths: 7, ...part });

export const notice = (kind: NoticeRecord["kind"], part: Partial<NoticeRecord> = {}): NoticeRecord => ({
  site: "fra",
  target: "db-1",
  kind,
  bootId: "boot-1",
  restarting: false,
  at: NOW - 1_000,
  heardAt: NOW - 1_000,
  contradictedAt: null,
  ...part,
});
