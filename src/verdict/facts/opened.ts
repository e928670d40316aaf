/**
 * Opened is not refused: a listener at its limit takes one connection and turns the next away. Whoever was let in after somebody had
 * been refused shows that the process listens. A connection that began before the first refusal shows nothing: the
 * crash may have broken it off.
 */
import { NEVER, type Sighting, type TargetState, type VantageRecord } from "../memory/state.ts";
import type { Tuning } from "../tuning.ts";

const OPENED: ReadonlySet<string> = new Set(["ok", "app_error", "reset", "tls_failure", "response_timeout"]);

const hasOpened = ({ outcome, stage, proxied }: Sighting): boolean =>
  proxied !== true &&
  (OPENED.has(outcome) || (outcome === "pending" && stage !== "connect" && stage !== "unknown"));

/**
 * Whether these vantages show that the process listens, although most are refused. A crash that follows is believed
 * once more refusals have come in a row than the share of openings seen before leaves to chance.
 */
export const listensStill = (
  { edges, standing }: TargetState,
  records: readonly VantageRecord[],
  onset: number,
  tuning: Tuning,
): boolean => {
  const since = records.flatMap(({ vantage }) =>
    (edges.get(vantage.id)?.recent ?? []).filter(({ begin }) => begin > onset),
  );
  const refusals = since.filter(({ outcome }) => outcome === "refused");
  const firstRefusedAt = refusals.reduce((first, { begin }) => Math.min(first, begin), NEVER);
  // A crash was named in spite of what had been let in before.
  const from = standing.verdict === "process_crashed" ? standing.since : firstRefusedAt;
  const openings = since.filter((one) => one.begin >= Math.max(from, firstRefusedAt) && hasOpened(one));
  if (openings.length === 0) return false;
  const openedAt = Math.max(...openings.map(({ begin }) => begin));
  const refusedSince = refusals.filter(({ begin }) => begin > openedAt).length;
  // Laplace's rule of succession: as if one look of two more had opened.
  const share = (openings.length + 1) / (openings.length + refusals.length - refusedSince + 2);
  return (1 - share) ** refusedSince >= tuning.closedByChance;
};
