import { isPrivatePlace } from "../domain/address.ts";
import type { Drill } from "../domain/drill.ts";
import type { AssignedTarget, Assignment } from "../domain/report.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { TargetRow } from "./store/catalogue.ts";

/** Whose places are private, and whether those may be looked at from here. */
export interface Permission {
  /** All vantages, in staggering order. */
  roster: Vantage[];
  allowPrivate: boolean;
}

/**
 * Whether nobody may look at the target, as it was stored while private places were allowed. Remote vantages that alone are named
 * may stand where a private place is at home.
 */
export const isBarred = (
  { config }: Pick<TargetRow, "config">,
  { roster, allowPrivate }: Permission,
): boolean => {
  const isPrivate =
    isPrivatePlace(config.url) || (config.witness !== undefined && isPrivatePlace(config.witness));
  return isPrivate && isPublicOnly({ config }, { roster, allowPrivate });
};

/** Whether the target must not stand in a private place. */
const isPublicOnly = (
  { config }: Pick<TargetRow, "config">,
  { roster, allowPrivate }: Permission,
): boolean => {
  const areRemote = config.vantages?.every((id) =>
    roster.some((vantage) => vantage.id === id && vantage.kind === "remote"),
  );
  return !allowPrivate && areRemote !== true;
};

export interface AssignmentSource extends Permission {
  version: number;
  shard: number;
  controls: string[];
  drills: Drill[];
  targets: TargetRow[];
}

/** The vantages that look at a target, in staggering order. Those inside another site only if they are named. */
export const vantagesOf = (row: Pick<TargetRow, "site" | "config">, roster: Vantage[]): string[] => {
  const chosen = row.config.vantages;
  return roster
    .filter(({ id, site }) => chosen?.includes(id) ?? (site === undefined || site === row.site))
    .map(({ id }) => id);
};

/** All that one vantage has to do. Paused and barred targets are left out. */
export const assignmentFor = (vantage: string, source: AssignmentSource): Assignment => ({
  version: source.version,
  vantage,
  shard: source.shard,
  controls: source.controls,
  drills: source.drills.map(({ by: _by, ...drill }) => drill),
  targets: source.targets.flatMap((row) => assigned(row, vantage, source)),
});

const assigned = (row: TargetRow, vantage: string, permission: Permission): AssignedTarget[] => {
  const { config } = row;
  const order = vantagesOf(row, permission.roster);
  const rank = order.indexOf(vantage);
  // Inside a site its names may well lead to private addresses, which are at home there.
  const isInside = permission.roster.some(({ id, site }) => id === vantage && site === row.site);
  if (rank === -1 || config.paused === true || isBarred(row, permission)) return [];
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
      ...(isPublicOnly(row, permission) && !isInside ? { publicOnly: true } : {}),
    },
  ];
};
