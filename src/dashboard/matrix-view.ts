import type { Aside } from "../domain/snapshot.ts";
import type { Cell, Mark, MatrixAnswer, MatrixTarget, MatrixVantage } from "../domain/matrix.ts";
import { toInstant } from "../domain/plain/rfc3339.ts";
import type { VantageAnswer } from "../domain/vantage.ts";
import { cellFor, LETTERS } from "./cell-letters.ts";
import type { ShownVerdict } from "./shown-state.ts";

/** The fields of a vantage that the matrix uses. */
type Looker = Pick<VantageAnswer, "id" | "provider" | "site" | "state" | "reason">;

/** A target's verdict, and the observations of vantages that are not counted. */
type Held = ShownVerdict & { aside?: readonly Aside[] | undefined };

const marksOf = (verdict: ShownVerdict): Mark[] => {
  const is: Record<Mark, boolean> = {
    site: verdict.scope === "site",
    paused: verdict.paused,
    stale: verdict.stale,
    drill: verdict.drill !== null,
    override: verdict.override !== null,
    muted: (verdict.muted ?? null) !== null,
  };
  return (Object.keys(is) as Mark[]).filter((mark) => is[mark]);
};

const cellsOf = (verdict: Held, vantages: readonly Looker[]): Cell[] => {
  const seen = new Map(
    [...(verdict.aside ?? []), ...verdict.evidence].map(({ vantage, outcome, totalMs }) => [
      vantage,
      cellFor(outcome, totalMs),
    ]),
  );
  const uncounted = new Set(verdict.notCounted.map(({ vantage }) => vantage));
  return vantages.map(({ id }) => {
    const cell = seen.get(id) ?? null;
    return uncounted.has(id) ? `~${cell ?? ""}` : cell;
  });
};

const rowOf = (verdict: Held, vantages: readonly Looker[]): MatrixTarget => ({
  site: verdict.site,
  target: verdict.target,
  verdict: verdict.verdict,
  confirmed: verdict.confirmed,
  routing: verdict.advice.routing,
  failover: verdict.advice.failover,
  sequence: verdict.sequence,
  since: verdict.since,
  marks: marksOf(verdict),
  cells: cellsOf(verdict, vantages),
});

/** Providers in the order in which they first come; vantages inside a site last. */
const inOrder = (vantages: readonly Looker[]): Looker[] => {
  const outside = vantages.filter(({ site }) => site === null);
  const inside = vantages.filter(({ site }) => site !== null);
  const byProvider = [...new Set(outside.map(({ provider }) => provider))].flatMap((provider) =>
    outside.filter((vantage) => vantage.provider === provider),
  );
  return [...byProvider, ...inside.toSorted((a, b) => ((a.site ?? "") < (b.site ?? "") ? -1 : 1))];
};

const columnOf = ({ id, provider, site, state, reason }: Looker): MatrixVantage => ({
  id,
  provider,
  inside: site,
  sound: state === "sound",
  reason: state === "sound" ? "" : reason || state,
});

/**
 * All targets by all vantages, from the verdict of each target. A vantage inside a site without a listed target is left out, unless it
 * looked at a listed target. `asOf`: epoch milliseconds.
 */
export const matrixOf = (
  verdicts: readonly Held[],
  vantages: readonly Looker[],
  asOf: number,
): MatrixAnswer => {
  const sites = new Set(verdicts.map(({ site }) => site));
  const looking = new Set(verdicts.flatMap(({ evidence }) => evidence.map(({ vantage }) => vantage)));
  const columns = inOrder(vantages).filter(
    ({ id, site }) => site === null || sites.has(site) || looking.has(id),
  );
  return {
    asOf: toInstant(asOf),
    vantages: columns.map(columnOf),
    letters: LETTERS,
    targets: verdicts.map((verdict) => rowOf(verdict, columns)),
  };
};
