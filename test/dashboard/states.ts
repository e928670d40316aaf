/** States of the page, made of answers as a detector gives them. */
import { matrixOf } from "../../src/dashboard/matrix-view.ts";
import type { PageState, ShownVerdict } from "../../src/dashboard/shown-state.ts";
import { toInstant } from "../../src/domain/instant.ts";
import type { ListedTransition } from "../../src/domain/verdict.ts";
import { UNTOLD, type VantageAnswer } from "../../src/domain/vantage.ts";

export const NOW = Date.UTC(2026, 10, 22, 3, 12, 7);

export const ago = (ms: number): string => toInstant(NOW - ms);

export const vantageOf = (id: string, changes: Partial<VantageAnswer> = {}): VantageAnswer => ({
  id,
  kind: "regional",
  region: id,
  colo: null,
  provider: "cloudflare",
  site: null,
  sites: "all",
  state: "sound",
  reason: "",
  lastReportAt: ago(1_000),
  rearmed: 0,
  counts: { reports: 1, observations: 2, dropped: 0, refused: 0 },
  turns: UNTOLD,
  controls: [],
  ...changes,
});

export const VANTAGES = [
  vantageOf("weur"),
  vantageOf("enam"),
  vantageOf("hel-1", {
    kind: "remote",
    provider: "hetzner",
    state: "silent",
    reason: "silent: no report for 3 min",
  }),
  vantageOf("fra-in", { kind: "remote", provider: "own", site: "fra" }),
];

export const verdictOf = (changes: Partial<ShownVerdict> = {}): ShownVerdict => ({
  site: "fra",
  target: "db-2",
  verdict: "alive",
  rule: "good",
  waitingFor: null,
  scope: "target",
  confirmed: true,
  confidence: 0.9997,
  beliefs: { up: 0.9997, crashed: 0, dead: 0.0003, hung: 0, gray: 0, cut: 0 },
  sequence: 7,
  since: ago(3_600_000),
  asOf: ago(2_000),
  validUntil: ago(-58_000),
  stale: false,
  lastVerdict: null,
  because: "3 of 3 sound vantages got an answer",
  reachableFrom: ["enam", "fra-in", "weur"],
  unreachableFrom: [],
  notCounted: [{ vantage: "hel-1", reason: "silent: no report for 3 min" }],
  evidence: [
    { vantage: "enam", at: ago(2_000), outcome: "ok", stage: "done", totalMs: 95.4 },
    { vantage: "fra-in", at: ago(2_500), outcome: "ok", stage: "done", totalMs: 1.2 },
    { vantage: "weur", at: ago(3_000), outcome: "ok", stage: "done", totalMs: 9.1 },
  ],
  advice: { routing: "serve", regions: { enam: "serve", weur: "serve" }, failover: false, reason: "alive" },
  warnings: [],
  drill: null,
  override: null,
  paused: false,
  muted: null,
  told: [],
  ...changes,
});

/** The verdict on a crash of `fra/db-1`. */
export const crashed = (changes: Partial<ShownVerdict> = {}): ShownVerdict =>
  verdictOf({
    target: "db-1",
    verdict: "process_crashed",
    rule: "crashed",
    sequence: 43,
    since: ago(252_000),
    because: "3 of 3 sound vantages were refused by the host",
    reachableFrom: [],
    unreachableFrom: ["enam", "weur"],
    evidence: [
      {
        vantage: "weur",
        at: ago(1_000),
        outcome: "refused",
        stage: "connect",
        totalMs: 11,
        detail: "ECONNREFUSED",
      },
      { vantage: "enam", at: ago(1_500), outcome: "connect_timeout", stage: "connect", totalMs: 3_000 },
    ],
    advice: { routing: "avoid", regions: {}, failover: true, reason: "confirmed process_crashed" },
    ...changes,
  });

export const transitionOf = (changes: Partial<ListedTransition> = {}): ListedTransition => {
  const { confirmed, confidence, because, advice, evidence } = crashed();
  return {
    site: "fra",
    target: "db-1",
    sequence: 43,
    at: ago(252_000),
    from: "alive",
    to: "process_crashed",
    rule: "crashed",
    confirmed,
    confidence,
    because,
    advice,
    evidence,
    drill: null,
    override: null,
    by: null,
    told: [],
    ...changes,
  };
};

export const stateOf = (
  verdicts: readonly ShownVerdict[],
  changes: Partial<PageState> = {},
  vantages: readonly VantageAnswer[] = VANTAGES,
): PageState => ({
  now: NOW,
  view: { site: null, target: null, filter: "", at: null },
  origin: "https://parallax.example.com",
  matrix: matrixOf(verdicts, vantages, NOW),
  verdicts: [...verdicts],
  transitions: [],
  evidence: null,
  drills: [],
  groups: [],
  health: { ok: true, reasons: [], warnings: [] },
  missing: [],
  live: null,
  ...changes,
});
