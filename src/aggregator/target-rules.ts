/** What a PUT of a target must satisfy beyond its schema, and how the API shows a target. */
import type { JudgedTarget } from "../domain/evidence.ts";
import { isMatched } from "../domain/etag.ts";
import { fromInstant, toInstant } from "../domain/instant.ts";
import { probeKindOf, schemeOf } from "../domain/kinds.ts";
import { ownOf } from "../domain/own.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { StoredTarget } from "../domain/rpc.ts";
import { MASKED, masked, maskedHeaders, unmasked } from "../domain/secrets.ts";
import type { SaidAt, TargetAnswer, TargetConfig } from "../domain/target.ts";
import type { Vantage } from "../domain/vantage.ts";
import { VERDICTS } from "../domain/verdict.ts";
import type { TargetState } from "../verdict/memory/judge-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import { isBarred, isMadeFor, type Permission, vantagesOf } from "./assignment.ts";
import type { TargetRow } from "./store/catalogue.ts";

/** How many targets a shard holds. */
export const MAX_TARGETS = 500;

/** Fails where the target's vantages are unknown, or were made for other sites. */
export const checkVantages = (
  { site, config }: Pick<TargetRow, "site" | "config">,
  roster: Vantage[],
): Result<null> => {
  const known = roster.filter((vantage) => isMadeFor(vantage, site)).map(({ id }) => id);
  const index = config.vantages?.findIndex((id) => !known.includes(id)) ?? -1;
  if (index === -1) return accepted(null);
  const name = config.vantages?.[index] ?? "";
  const what = roster.some(({ id }) => id === name)
    ? `is made for other sites than ${site}`
    : "is no vantage here";
  return refused("invalid", `"${name}" ${what}: must be one of ${known.join(", ")}`, `vantages.${index}`);
};

/** Fails where there is no place for one more target. */
export const checkPlace = (others: TargetRow[]): Result<null> =>
  others.length < MAX_TARGETS
    ? accepted(null)
    : refused("capacity", `this shard holds ${MAX_TARGETS} targets, its capacity`);

/** The most that a vantage can be handed: every change of any target is sent whole to every vantage, which keeps it. */
const MAX_CHARACTERS = 4_000_000;

const charactersOf = (config: TargetConfig): number => JSON.stringify(config).length;

/**
 * Fails where all targets together would be more than a vantage can be handed. A change that makes its target no heavier is never refused.
 */
export const checkWeight = (
  config: TargetConfig,
  old: TargetRow | null,
  others: TargetRow[],
): Result<null> => {
  const weight = charactersOf(config);
  if (old !== null && weight <= charactersOf(old.config)) return accepted(null);
  const all = others.reduce((sum, row) => sum + charactersOf(row.config), weight);
  return all <= MAX_CHARACTERS
    ? accepted(null)
    : refused(
        "capacity",
        `the targets of this shard would take ${all} characters together, and ${MAX_CHARACTERS} is the most a vantage is handed: use fewer or shorter headers, or fewer targets`,
        config.headers === undefined ? "url" : "headers",
      );
};

/**
 * A mask in a PUT means the stored value. A mask without a stored value is an error, and so is a mask whose value would go to another
 * place.
 */
export const unmask = (config: TargetConfig, old: TargetRow | null): Result<TargetConfig> => {
  const found = unmasked(config, old?.config);
  if ("config" in found) return accepted(found.config);
  if ("moved" in found) {
    const [field = ""] = found.moved;
    const url = field === "witness" ? "witness" : "url";
    return refused(
      "invalid",
      `"${MASKED}" stands for a stored value, which is not sent to another place: say the value itself, or leave scheme, host and port of ${url} as they are`,
      field,
    );
  }
  return refused("invalid", `"${MASKED}" stands for a stored value, and there is none`, found.lost[0]);
};

/** Fails where the request states instants that differ from the stored ones. */
export const checkSaid = (said: SaidAt, old: TargetRow | null): Result<null> => {
  for (const field of ["createdAt", "updatedAt"] as const) {
    const given = said[field];
    if (given === undefined || (old !== null && fromInstant(given) === old[field])) continue;
    const stands = old === null ? "" : `, or be as it stands: ${toInstant(old[field])}`;
    return refused("invalid", `is the detector's own to say: must be left out${stands}`, field);
  }
  return accepted(null);
};

/** `If-Match` holds: absent, `*` for any, or one of the listed tags is the current one. */
export const ifMatchHolds = (ifMatch: string | null, row: TargetRow | null): boolean =>
  isMatched(ifMatch, row === null ? null : etagOf(row));

const etagOf = (row: TargetRow): string => `"${row.revision}"`;

/**
 * Since when each vantage has been asked for the target. A vantage that was asked for the same before keeps its instant. A vantage begins
 * now if it is new, if the target was paused, or if the interval has changed.
 */
const askedSince = (
  row: TargetRow,
  vantages: string[],
  before: TargetState | undefined,
  now: number,
): Record<string, number> => {
  const known = before?.target;
  const goesOn =
    before !== undefined && known?.paused === false && known.intervalMs === row.config.intervalMs;
  return Object.fromEntries(
    vantages.map((id) => [id, goesOn && known?.vantages.includes(id) === true ? askedAt(before, id) : now]),
  );
};

/** Since when the vantage has had this target to look at; epoch milliseconds. */
export const askedAt = ({ target, createdAt }: TargetState, vantage: string): number =>
  ownOf(target.askedSince, vantage) ?? createdAt;

/** The warning of a target that no vantage may look at. */
const BARRED =
  "in a private place, which this deployment does not probe (ALLOW_PRIVATE is not true): nobody looks at it";

/** The target as the judge gets it at `now`; `before`: the target as the judge knows it. */
export const judgedOf = (
  row: TargetRow,
  permission: Permission,
  before: TargetState | undefined,
  now: number,
): JudgedTarget => ({
  site: row.site,
  target: row.target,
  intervalMs: row.config.intervalMs,
  timeoutMs: row.config.timeoutMs,
  vantages: vantagesOf(row, permission.roster),
  askedSince: askedSince(row, vantagesOf(row, permission.roster), before, now),
  hasWitness: row.config.witness !== undefined,
  // The judge takes the version only with an address that is new to it, and then this PUT brought the address.
  ...(row.config.witness === undefined
    ? {}
    : { witness: { url: row.config.witness, version: row.revision } }),
  paused: row.config.paused === true || isBarred(row, permission),
  ...(isBarred(row, permission) ? { barred: BARRED } : {}),
  policy: row.config.policy ?? {},
});

/** The target as the API shows it, to an administrator or to others. */
export const shown = (
  row: TargetRow,
  siblings: number,
  permission: Permission,
  isForAdmin = false,
): StoredTarget => {
  const { roster } = permission;
  const answer: TargetAnswer = {
    site: row.site,
    target: row.target,
    ...(isForAdmin ? maskedHeaders : masked)(row.config),
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
    warnings: [
      ...(isBarred(row, permission) ? [BARRED] : []),
      ...warningsFor(row, siblings, vantagesOf(row, roster), roster),
    ],
  };
  return { answer, etag: etagOf(row) };
};

/** What a verdict on this target will lack, and what to add. */
const warningsFor = (
  { site, config }: TargetRow,
  siblings: number,
  ids: string[],
  roster: Vantage[],
): string[] => {
  const looking = roster.filter(({ id }) => ids.includes(id));
  const outside = looking.filter((vantage) => vantage.site !== site);
  const quorum = config.policy?.minVantages ?? TUNING.quorum;
  const providers = new Set(outside.map(({ provider }) => provider));
  return [
    siblings === 0 && config.witness === undefined
      ? "no sibling in its site and no witness: silence cannot be told from isolation"
      : "",
    strangerWarning({ site, config }, roster),
    outside.length < quorum ? `fewer than ${quorum} vantages: no quorum, so nothing is ever confirmed` : "",
    providers.size < 2 ? "one provider only: its trouble looks like the target's" : "",
    proofWarning(config),
    looking.every(({ kind }) => kind === "regional") ? hiddenWarning(config) : "",
    ...failoverWarnings(config, looking.length > outside.length),
  ].filter((warning) => warning !== "");
};

/** A warning of vantages that the target names but that were since registered anew, and not for its site. */
const strangerWarning = (
  { site, config }: Pick<TargetRow, "site" | "config">,
  roster: readonly Vantage[],
): string => {
  const strangers = roster.filter(
    (one) => config.vantages?.includes(one.id) === true && !isMadeFor(one, site),
  );
  return strangers.length === 0
    ? ""
    : `made for other sites than ${site}, and so does not look: ${strangers.map(({ id }) => id).join(", ")}`;
};

/** A warning of what an answer alone proves of a target when no more is expected of it. */
const proofWarning = ({ url, expect = {} }: TargetConfig): string => {
  const { unproven } = probeKindOf(schemeOf(url) ?? "tcp");
  return unproven === undefined || unproven.by.some((field) => field in expect) ? "" : unproven.warning;
};

/** A warning of expectations that vantages on Workers cannot check. */
const hiddenWarning = ({ url, expect = {} }: TargetConfig): string => {
  const { hidden } = probeKindOf(schemeOf(url) ?? "tcp");
  return hidden === undefined || (hidden.by !== undefined && !(hidden.by in expect)) ? "" : hidden.warning;
};

/** Warnings where failover is asked for on a verdict that vantages outside the site alone never confirm. */
const failoverWarnings = ({ witness, policy }: TargetConfig, hasInside: boolean): string[] => {
  if (hasInside || policy?.outsideProof === true) return [];
  const failsOver = (verdict: "process_crashed" | "node_dead"): boolean =>
    policy?.failoverOn?.some((entry) => verdict === (typeof entry === "string" ? entry : entry.verdict)) ??
    VERDICTS[verdict].failsOver;
  return [
    failsOver("process_crashed") && witness === undefined
      ? "no failover on process_crashed but by the node's own notice, since a refusal seen from outside alone confirms no crash: add a witness, a vantage inside the site, or parallax agent on the node; policy.outsideProof does without, at a risk"
      : "",
    failsOver("node_dead")
      ? "no failover on node_dead, since from outside a host cut off looks as dead: add a vantage inside the site; policy.outsideProof does without, at a risk"
      : "",
  ];
};
