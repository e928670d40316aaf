import type { Drill } from "../domain/drill.ts";
import type { AssignedTarget, Assignment } from "../domain/report.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { TargetRow } from "./store/catalogue.ts";

export interface AssignmentSource {
  version: number;
  shard: number;
  controls: string[];
  drills: Drill[];
  targets: TargetRow[];
  /** All vantages, in staggering order. */
  roster: Vantage[];
}

/** The vantages that look at a target, in staggering order. Those inside another site only if they are named. */
export const vantagesOf = (row: Pick<TargetRow, "site" | "config">, roster: Vantage[]): string[] => {
  const chosen = row.config.vantages;
  return roster
    .filter(({ id, site }) => chosen?.includes(id) ?? (site === undefined || site === row.site))
    .map(({ id }) => id);
};

/** All that one vantage has to do. Paused targets are left out. */
export const assignmentFor = (vantage: string, source: AssignmentSource): Assignment => ({
  version: source.version,
  vantage,
  shard: source.shard,
  controls: source.controls,
  drills: source.drills,
  targets: source.targets.flatMap((row) => assigned(row, vantage, source.roster)),
});

const assigned = (row: TargetRow, vantage: string, roster: Vantage[]): AssignedTarget[] => {
  const { config } = row;
  const order = vantagesOf(row, roster);
  const rank = order.indexOf(vantage);
  if (rank === -1 || config.paused === true) return [];
  return [
    {
      site: row.site,
      target: row.target,
      url: config.url,
      intervalMs: config.intervalMs,
      timeoutMs: config.timeoutMs,
      phase: rank / order.length,
      ...(config.expect === undefined ? {} : { expect: config.expect }),
      ...(config.headers === undefined ? {} : { headers: config.headers }),
      ...(config.witness === undefined ? {} : { witness: config.witness }),
    },
  ];
};
