/** What a PUT of a target must satisfy beyond its schema, and how a target is shown. */
import type { JudgedTarget } from "../domain/evidence.ts";
import { toInstant } from "../domain/instant.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { StoredTarget } from "../domain/rpc.ts";
import { MASKED, type TargetAnswer, type TargetConfig } from "../domain/target.ts";
import type { Vantage } from "../domain/vantage.ts";
import { vantagesOf } from "./assignment.ts";
import type { TargetRow } from "./store/catalogue.ts";

/** Capacity of a shard: how many targets, and how many of them one vantage can probe in a second. */
export const MAX_TARGETS = 500;
const MAX_PROBES_PER_SECOND = 25;

/** Fails where the target's vantages are unknown. */
export const checkVantages = (config: TargetConfig, roster: Vantage[]): Result<null> => {
  const known = roster.map(({ id }) => id);
  const index = config.vantages?.findIndex((id) => !known.includes(id)) ?? -1;
  if (index === -1) return accepted(null);
  const unknown = config.vantages?.[index] ?? "";
  return refused(
    "invalid",
    `"${unknown}" is no vantage here; known: ${known.join(", ")}`,
    `vantages.${index}`,
  );
};

/** Fails where one more target, or a shorter interval, would be more than a shard can carry. */
export const checkCapacity = (config: TargetConfig, others: TargetRow[]): Result<null> => {
  if (others.length >= MAX_TARGETS)
    return refused("capacity", `this shard holds ${MAX_TARGETS} targets, its capacity`);
  const rate = [config, ...others.map((row) => row.config)]
    .filter((one) => one.paused !== true)
    .reduce((sum, one) => sum + 1_000 / one.intervalMs, 0);
  return rate <= MAX_PROBES_PER_SECOND
    ? accepted(null)
    : refused(
        "capacity",
        `this would be ${rate.toFixed(1)} probes a second for each vantage, of ${MAX_PROBES_PER_SECOND}: use a longer interval`,
        "intervalMs",
      );
};

/** Masked header values in a PUT mean the stored ones; a mask without a stored value is an error. */
export const unmask = (config: TargetConfig, old: TargetRow | null): Result<TargetConfig> => {
  if (config.headers === undefined) return accepted(config);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers)) {
    const stored = old?.config.headers?.[name];
    if (value === MASKED && stored === undefined)
      return refused(
        "invalid",
        `"${MASKED}" stands for a stored value, and there is none`,
        `headers.${name}`,
      );
    headers[name] = value === MASKED && stored !== undefined ? stored : value;
  }
  return accepted({ ...config, headers });
};

/** `If-Match` holds: absent, `*` for any, or one of the listed tags is the current one. */
export const ifMatchHolds = (ifMatch: string | null, row: TargetRow | null): boolean => {
  if (ifMatch === null) return true;
  if (row === null) return false;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  return tags.includes("*") || tags.includes(etagOf(row));
};

const etagOf = (row: TargetRow): string => `"${row.revision}"`;

export const judgedOf = (row: TargetRow, roster: Vantage[]): JudgedTarget => ({
  site: row.site,
  target: row.target,
  intervalMs: row.config.intervalMs,
  timeoutMs: row.config.timeoutMs,
  vantages: vantagesOf(row, roster),
  hasWitness: row.config.witness !== undefined,
  paused: row.config.paused === true,
  policy: row.config.policy ?? {},
});

/** The target as the API shows it, header values masked. */
export const shown = (row: TargetRow, siblings: number, roster: Vantage[]): StoredTarget => {
  const { headers, ...config } = row.config;
  const masked =
    headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.keys(headers).map((name) => [name, MASKED])) };
  const answer: TargetAnswer = {
    site: row.site,
    target: row.target,
    ...config,
    ...masked,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
    warnings: warningsFor(row, siblings, roster),
  };
  return { answer, etag: etagOf(row) };
};

const warningsFor = (row: TargetRow, siblings: number, roster: Vantage[]): string[] => {
  const ids = vantagesOf(row, roster);
  const outside = roster.filter(({ id, site }) => ids.includes(id) && site !== row.site);
  const providers = new Set(outside.map(({ provider }) => provider));
  return [
    siblings === 0 && row.config.witness === undefined
      ? "no sibling in its site and no witness: silence cannot be told from isolation"
      : "",
    outside.length < 3 ? "fewer than 3 vantages: no quorum, so nothing is ever confirmed" : "",
    providers.size < 2 ? "one provider only: its trouble looks like the target's" : "",
  ].filter((warning) => warning !== "");
};
