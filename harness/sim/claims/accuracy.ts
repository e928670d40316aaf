/** Whether what is said is right. */
import { quantileBounds } from "../statistics.ts";
import { accuracyOf } from "../summary.ts";
import type { Tally } from "../tally.ts";
import { type Claim, percent, ratio, shown, sum, timesWithLate, withLate } from "./claim.ts";

export const classClaim = ({ scenario, confusion, seeds }: Tally): Claim => {
  const rows = Object.keys(confusion).filter((row) => scenario === "none" || row !== "alive");
  const { hits, of, bounds } = accuracyOf(confusion, rows);
  return {
    claim: `class right at the end of ${scenario} (${rows.join(", ")})`,
    bound: "≥ 95 %",
    measured:
      of === 0
        ? "nothing of it was seen"
        : `${percent(hits / of)} (95 %: ${percent(bounds[0])} to ${percent(bounds[1])} of ${of})`,
    seeds,
    reached: hits / of >= 0.95,
  };
};

export const recallClaim = (partitions: readonly Tally[]): Claim => {
  const found = sum(partitions, ({ namedMs }) => namedMs.length);
  const cases = sum(partitions, (tally) => tally.cases);
  return {
    claim: "partial partitions named, recall",
    bound: "≥ 0.94",
    measured: ratio(found, cases),
    seeds: sum(partitions, ({ seeds }) => seeds),
    reached: found / cases >= 0.94,
  };
};

export const precisionClaim = (partitions: readonly Tally[]): Claim => {
  const said = sum(partitions, ({ partitionsSaid }) => partitionsSaid);
  const right = sum(partitions, ({ partitionsRight }) => partitionsRight);
  return {
    claim: "partial partitions named, precision, in the same runs",
    bound: "> 0.82",
    measured: `${ratio(right, said)} calls`,
    seeds: sum(partitions, ({ seeds }) => seeds),
    reached: right / said > 0.82,
  };
};

/** Beside the time until it is called stands the floor: when a probe was first answered amiss at all, in the same runs. */
export const grayClaim = (tally: Tally): Claim => {
  const { p50 } = timesWithLate(tally.namedMs, tally.cases);
  const [low, high] = quantileBounds(withLate(tally.namedMs, tally.cases), 0.5).map((ms) =>
    shown(ms / 1_000),
  );
  const floor = timesWithLate(tally.seenMs, tally.cases).p50;
  return {
    claim: `${tally.scenario}: called gray, median`,
    bound: "< 7 s",
    measured: `${shown(p50)} (95 %: ${low} to ${high}; the first answer amiss was seen at ${shown(floor)}; missed ${tally.cases - tally.namedMs.length} of ${tally.cases})`,
    seeds: tally.seeds,
    reached: (p50 ?? Infinity) < 7,
  };
};

/** Printed, not promised: no bound was set. */
export const brierClaim = (tallies: readonly Tally[]): Claim => {
  const score = sum(tallies, ({ brierSum }) => brierSum) / sum(tallies, ({ beliefs }) => beliefs);
  return {
    claim: "beliefs' Brier score over everything run here (0 best, 2 worst)",
    bound: "printed",
    measured: score.toFixed(4),
    seeds: sum(tallies, ({ seeds }) => seeds),
    reached: Number.isFinite(score),
  };
};
