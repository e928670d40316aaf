/**
 * How a target that somebody reaches has fared of late: shares of the recent looks, not beliefs, since
 * gray is a rate. Rejected: the posterior of gray. After one wrong answer it is all but certain for as
 * long as that answer is remembered.
 */
import type { Tuning } from "../tuning.ts";
import type { Sighting } from "../memory/state.ts";
import type { View } from "./view.ts";
import { freshnessMs, kindOf, type Vote } from "./votes.ts";

export interface Health {
  looked: number;
  /** Answered wrongly or not at all, … */
  wrong: number;
  /** … and of these wrongly: what no loss of packets brings about. */
  amiss: number;
  /** Begin of the newest of those; 0 for none. */
  amissAt: number;
  silent: number;
  /** Vantages that saw silences. */
  silentFrom: number;
}

/** How many vantages have lately not been able to look its name up. */
const namelessTo = ({ counted }: View, since: number): number =>
  counted.filter(({ edge }) =>
    edge.recent.some(({ begin, outcome }) => outcome === "dns_failure" && begin >= since),
  ).length;

/**
 * How the recent sightings since the last recovery fared. Only what was followed by an `ok` speaks
 * of a target that answers sometimes: what came after the newest `ok` may be the begin of an end,
 * and silences a vantage saw no end of, or long runs of them, are a cut path's.
 */
export const healthOf = (view: View, cut: Set<Vote>, tuning: Tuning): Health => {
  const since = Math.max(view.now - freshnessMs(view.state, tuning), view.state.recoveredAt ?? 0);
  const health: Health = { looked: 0, wrong: 0, amiss: 0, amissAt: 0, silent: 0, silentFrom: 0 };
  // That one vantage cannot look a name up is its own name server's trouble.
  const isNamed = namelessTo(view, since) < 2;
  const counts = ({ begin, outcome }: Sighting): boolean =>
    begin <= view.onset && !(isNamed && outcome === "dns_failure");
  for (const vote of view.counted) {
    if (cut.has(vote)) continue;
    const before = health.silent;
    const run = { length: 0, recent: 0 };
    for (const sighting of vote.edge.recent.filter(counts)) {
      const kind = kindOf(sighting, vote.edge, tuning);
      if (kind === null) continue;
      const recent = sighting.begin >= since ? 1 : 0;
      health.looked += recent;
      if (kind === "silent") {
        run.length += 1;
        run.recent += recent;
        continue;
      }
      if (run.length < tuning.cutSilences) health.silent += run.recent;
      [run.length, run.recent] = [0, 0];
      if (kind !== "ok") health.wrong += recent;
      if (kind === "wrong" && recent > 0) {
        health.amiss += 1;
        health.amissAt = Math.max(health.amissAt, sighting.begin);
      }
    }
    if (health.silent > before) health.silentFrom += 1;
  }
  return health;
};
