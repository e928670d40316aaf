/**
 * Whether all targets of a shard together look at one host and port oftener than the deployment may. Each target alone is harmless. But
 * many targets of one place, put by one person with write access, would make the detector a weapon against somebody else's host.
 */
import { publicPlaceOf } from "../domain/address.ts";
import { weightOf, WITNESS_ROUNDS } from "../domain/capacity.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { Vantage } from "../domain/vantage.ts";
import { vantagesOf } from "./assignment.ts";
import type { TargetRow } from "./store/catalogue.ts";

type Row = Pick<TargetRow, "site" | "config">;

/** Tolerance for rounding: the sum of many shares differs slightly from the whole. */
const GRAIN = 1e-9;

/** Looks a second that a target's vantages make at a place, through its URL and through its witness. */
const looksAt = (place: string, row: Row, roster: Vantage[]): number => {
  const { url, witness, intervalMs, paused = false } = row.config;
  const perSecond = vantagesOf(row, roster).length * weightOf({ intervalMs, hasWitness: false, paused });
  const byWitness = witness !== undefined && publicPlaceOf(witness) === place ? 1 / WITNESS_ROUNDS : 0;
  return perSecond * ((publicPlaceOf(url) === place ? 1 : 0) + byWitness);
};

/**
 * Fails where a place of the target would be looked at more than `most` times a second. A change that does not raise the rate is never
 * refused.
 */
export const checkCrowding = (
  row: Row,
  old: Row | null,
  others: Row[],
  roster: Vantage[],
  most: number,
): Result<null> => {
  for (const field of ["url", "witness"] as const) {
    const place = publicPlaceOf(row.config[field] ?? "");
    if (place === undefined) continue;
    const looks = looksAt(place, row, roster);
    const before = old === null ? 0 : looksAt(place, old, roster);
    if (looks <= before + GRAIN) continue;
    const all = others.reduce((sum, other) => sum + looksAt(place, other, roster), looks);
    if (all > most + GRAIN)
      return refused(
        "capacity",
        `${place} would be looked at ${all.toFixed(2)} times a second by all targets and vantages together, and ${most} is the most ` +
          "that this deployment may (PLACE_LOOKS_MAX): use a longer intervalMs, fewer targets of it, or fewer vantages",
        field,
      );
  }
  return accepted(null);
};
