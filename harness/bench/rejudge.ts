import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import type { Report } from "../../src/domain/report.ts";
import { inferSites } from "../../src/verdict/belief/beliefs.ts";
import { gathering } from "../../src/verdict/facts/facts.ts";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { emptyState, type ShardState } from "../../src/verdict/memory/judge-state.ts";
import { majorities } from "./majority.ts";
import { type Spread, spreadOf } from "./statistics.ts";

const VANTAGES = 16;
const SITES = 500;
const TARGETS_A_SITE = 20;
const INTERVAL_MS = 30_000;
const BEGINS_AT = 1_800_000_000_000;
const HEALTHY_ROUNDS = 2;
const TIMES = 7;

/** Judging all targets again, with everything remembered and no new evidence. */
export interface RejudgeFigure {
  what: string;
  targets: number;
  vantages: number;
  /** The whole judgement: votes, inference, quorum, settling, advice. */
  judgementMs: Spread;
  /** The inference over every site alone. */
  inferenceMs: Spread;
  timesMajority: Spread;
}

type IsSilent = (vantage: number, site: number) => boolean;

/** The fault in the last round: its name, and which paths are silent. */
const CASES: [what: string, isSilent: IsSilent][] = [
  ["healthy", () => false],
  ["1 % of the sites silent", (_vantage, site) => site < SITES / 100],
  ["9 of 16 paths to every site silent", (vantage) => vantage < 9],
  ["every site silent", () => true],
];

const ids = Array.from({ length: VANTAGES }, (_, rank) => `v-${rank}`);
const keys = Array.from({ length: SITES * TARGETS_A_SITE }, (_, index) => ({
  site: `s-${Math.floor(index / TARGETS_A_SITE)}`,
  rank: Math.floor(index / TARGETS_A_SITE),
  target: `t-${index % TARGETS_A_SITE}`,
}));
const roster: EvidenceEvent = {
  kind: "roster",
  vantages: ids.map((id) => ({ id, kind: "regional", region: id, provider: "cloudflare" })),
};

/** The judge in this Node over 10,000 targets that 16 vantages probe. */
export const measureRejudging = (): RejudgeFigure[] => {
  const healthy = settled();
  return CASES.map(([what, isSilent]) => {
    const last = roundOf(HEALTHY_ROUNDS, isSilent);
    const state = last.reduce((before, { at, event }) => judge(before, [event], at, TUNING).state, healthy);
    const now = (last.at(-1)?.at ?? 0) + 500;
    const sites = new Set(keys.map(({ site }) => site));
    const rounds = Array.from({ length: TIMES }, () => ({
      majority: timed(() => majorities(state)),
      inference: timed(() => inferSites(state, sites, gathering(state, now, TUNING), now, TUNING)),
      // A roster touches every target.
      judgement: timed(() => judge(state, [roster], now, TUNING)),
    }));
    return {
      what,
      targets: keys.length,
      vantages: VANTAGES,
      judgementMs: spreadOf(rounds.map(({ judgement }) => judgement)),
      inferenceMs: spreadOf(rounds.map(({ inference }) => inference)),
      timesMajority: spreadOf(rounds.map(({ judgement, majority }) => judgement / majority)),
    };
  });
};

const settled = (): ShardState => {
  const targets = keys.map(({ site, target }): EvidenceEvent => ({
    kind: "target",
    version: 1,
    url: `tcp://${site}-${target}:1`,
    target: {
      site,
      target,
      intervalMs: INTERVAL_MS,
      timeoutMs: 5_000,
      vantages: ids,
      hasWitness: false,
      paused: false,
      policy: {},
    },
  }));
  let { state } = judge(emptyState(), [roster, ...targets], BEGINS_AT, TUNING);
  for (let round = 0; round < HEALTHY_ROUNDS; round++)
    for (const { at, event } of roundOf(round, () => false)) ({ state } = judge(state, [event], at, TUNING));
  return state;
};

/** One report of every vantage. */
const roundOf = (round: number, isSilent: IsSilent): { at: number; event: EvidenceEvent }[] =>
  ids.map((vantage, rank) => {
    const begin = BEGINS_AT + 1_000 + (round + rank / VANTAGES) * INTERVAL_MS;
    const observations = keys.map(({ site, rank: index, target }): Report["observations"][number] => {
      const silent = isSilent(rank, index);
      return {
        site,
        target,
        subject: "target",
        begin,
        outcome: silent ? "connect_timeout" : "ok",
        stage: silent ? "connect" : "done",
        totalMs: silent ? 1_000 : 20,
      };
    });
    const control = { url: "tcp://control:1", begin, outcome: "ok", stage: "done", totalMs: 5 } as const;
    const report: Report = {
      vantage,
      sequence: round + 1,
      madeAt: begin + 1_000,
      version: 1,
      dropped: 0,
      observations,
      controls: [control],
    };
    return { at: begin + 1_050, event: { kind: "report", report } };
  });

const timed = (work: () => unknown): number => {
  const begin = performance.now();
  work();
  return performance.now() - begin;
};
