import { isPrivatePlace } from "../domain/address.ts";
import type { Drill } from "../domain/drill.ts";
import type { AssignedTarget, Assignment } from "../domain/report.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { TargetRow } from "./store/catalogue.ts";

/** The vantages, and whether this deployment may look at private places. */
export interface Permission {
  /** All vantages, in staggering order. */
  roster: Vantage[];
  allowPrivate: boolean;
}

/**
 * Whether no vantage may look at the target, because it was stored while private places were allowed. A target that names remote vantages
 * alone is never barred, since they may stand inside the private network.
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

/** Whether a vantage may get what a site's targets hold. */
export const isMadeFor = ({ sites = "all" }: Vantage, site: string): boolean =>
  sites === "all" || sites.includes(site);

/**
 * Whether a vantage looks at targets of the site that name no vantages. A vantage made before the field `sites` existed stays in the site
 * where it stands.
 */
const looksUnnamed = (vantage: Vantage, site: string): boolean =>
  vantage.sites !== undefined || vantage.site === undefined || vantage.site === site;

/**
 * The vantages that look at a target, in staggering order: of the vantages made for its site, those that the target names, or all. No other
 * vantage is asked for the target, gets its headers or has a say about it, and the judge waits for none.
 */
export const vantagesOf = (row: Pick<TargetRow, "site" | "config">, roster: Vantage[]): string[] => {
  const chosen = row.config.vantages;
  return roster
    .filter((one) => isMadeFor(one, row.site) && (chosen?.includes(one.id) ?? looksUnnamed(one, row.site)))
    .map(({ id }) => id);
};

/** One sentence where remote vantages of earlier versions may get more targets than any operator gave them. */
export const unboundWarnings = (roster: readonly Vantage[]): string[] => {
  const unbound = roster.filter(({ kind, sites }) => kind === "remote" && sites === undefined);
  return unbound.length === 0
    ? []
    : [
        `made before there were sites, and so may be handed every target with its secret headers: ${unbound.map(({ id }) => id).join(", ")}; delete such a vantage and register it anew with the sites it is for`,
      ];
};

/** The whole work of one vantage. Paused and barred targets are left out. */
export const assignmentFor = (vantage: string, source: AssignmentSource): Assignment => {
  const known = source.roster.find(({ id }) => id === vantage);
  return {
    version: source.version,
    vantage,
    shard: source.shard,
    controls: source.controls,
    drills: source.drills
      .filter(({ site }) => known !== undefined && isMadeFor(known, site))
      .map(({ by: _by, ...drill }) => drill),
    targets: source.targets.flatMap((row) => assigned(row, vantage, source)),
  };
};

const assigned = (row: TargetRow, vantage: string, permission: Permission): AssignedTarget[] => {
  const { config } = row;
  const order = vantagesOf(row, permission.roster);
  const rank = order.indexOf(vantage);
  // Inside a site the site's names may resolve to private addresses, which are legitimate there.
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
