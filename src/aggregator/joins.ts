/** Codes for one use, which a vantage or an agent trades for a token of its own. Shard 0 keeps them. */
import { fromInstant, toInstant } from "../domain/instant.ts";
import {
  type Join,
  type JoinDraft,
  type KeptJoin,
  type Trade,
  type Traded,
  UNKNOWN_CODE,
} from "../domain/join.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { TokenAnswer } from "../domain/token.ts";
import type { Vantage } from "../domain/vantage.ts";
import { addToken, addVantage } from "./registration.ts";
import type { Shard } from "./shard.ts";
import type { JoinRow } from "./store/registry.ts";

/**
 * The most codes that are open at once: more than anybody hands out by hand in an hour, and few if someone floods with an admin's token.
 */
const MAX_OPEN = 64;
/** For this long after its end a code is reported as used or expired, and not as unknown. */
const KEPT_MS = 86_400_000;
/** The most codes kept: a busy day's. Beyond it the oldest are forgotten sooner. */
const MAX_KEPT = 512;
/**
 * Region and provider of a vantage whose place was not given. Votes from one region are no quorum: too few places are better than made-up
 * ones.
 */
const UNNAMED = "unnamed";

const noJoin = (id: string) => refused("not-found", `there is no join "${id}"`, "id");
const UNKNOWN = refused("not-found", UNKNOWN_CODE, "code");

/** Compares in both directions: a code made before the clock was set back lives for no longer than twice its time. */
const isInTime = ({ createdAt, expiresAt }: KeptJoin, now: number): boolean => {
  const start = fromInstant(createdAt);
  return Math.abs(now - start) < fromInstant(expiresAt) - start;
};

const stateOf = (join: KeptJoin, now: number): Join["state"] => {
  if (join.usedAt !== undefined) return "used";
  return isInTime(join, now) ? "open" : "expired";
};

/** Oldest first. */
export const listJoins = (shard: Shard): Join[] =>
  shard.registry.joins().map(({ join }) => ({ ...join, state: stateOf(join, shard.now()) }));

/** Forgets codes that ended long ago, and the oldest ended codes where there are too many. */
const prune = ({ registry }: Shard, joins: readonly Join[], now: number): void => {
  const over = joins.filter(({ state }) => state !== "open");
  const surplus = joins.length + 1 - MAX_KEPT;
  for (const [index, { join, expiresAt }] of over.entries())
    if (index < surplus || fromInstant(expiresAt) + KEPT_MS <= now) registry.deleteJoin(join);
};

export const addJoin = (shard: Shard, draft: JoinDraft, ttlMs: number, hash: string): Result<Join> => {
  const now = shard.now();
  const join = { ...draft, createdAt: toInstant(now), expiresAt: toInstant(now + ttlMs) };
  if (join.kind === "vantage" && shard.roster.some(({ id }) => id === join.id))
    return refused(
      "conflict",
      `there is a vantage "${join.id}" already: name another, or delete that one`,
      "id",
    );
  const joins = listJoins(shard);
  // The caller asks twice, because the first answer was lost.
  const made = joins.find((one) => one.join === join.join);
  if (made !== undefined) return accepted(made);
  const open = joins.filter(({ state }) => state === "open");
  const soonest = Math.min(...open.map(({ expiresAt }) => fromInstant(expiresAt)));
  if (open.length >= MAX_OPEN)
    return refused(
      "capacity",
      `there are ${MAX_OPEN} codes that nobody has used yet, the most there may be: delete some, or wait`,
      "",
      soonest - now,
    );
  shard.transact(() => {
    prune(shard, joins, now);
    shard.registry.putJoin({ join, hash, nonce: null });
  });
  return accepted({ ...join, state: "open" });
};

export const deleteJoin = (shard: Shard, id: string): Result<null> => {
  if (!shard.registry.joins().some(({ join }) => join.join === id)) return noJoin(id);
  shard.registry.deleteJoin(id);
  return accepted(null);
};

/**
 * Trades a code for a token, once. With the nonce of that trade it gives another text of the same token once more, while the code lives.
 */
export const tradeJoin = (shard: Shard, trade: Trade): Result<Traded> => {
  const now = shard.now();
  const row = shard.registry.joins().find(({ hash }) => hash === trade.code);
  if (row === undefined) return UNKNOWN;
  const { join } = row;
  if (join.usedAt !== undefined)
    return (
      tradeAgain(shard, row, trade, now) ??
      refused(
        "conflict",
        `the code was used at ${join.usedAt}, and is for one use: get a new one. If that was not you, revoke token ${join.token}`,
        "code",
      )
    );
  if (!isInTime(join, now))
    return refused("expired", `the code expired at ${join.expiresAt}: get a new one`, "code");
  const misfit = misfitOf(join, trade);
  return misfit ?? tradeFirst(shard, row, trade, now);
};

/** Refuses a trade for which the code was not made, and leaves the code as it is. */
const misfitOf = ({ kind, id, sites }: KeptJoin, { kind: wanted, site, target }: Trade) => {
  if (kind !== wanted) return refused("conflict", `the code is for kind ${kind}, not for ${wanted}`, "kind");
  if (kind === "vantage") return undefined;
  if (site === undefined || !sites.includes(site))
    return refused("conflict", `the code is for a target of ${listed(sites)}, not of ${site}`, "site");
  if (id !== undefined && target !== id)
    return refused("conflict", `the code is for target ${id}, not for ${target}`, "target");
  return undefined;
};

const listed = (sites: KeptJoin["sites"]): string => (sites === "all" ? sites : sites.join(" or "));

const vantageOf = ({ join, id, sites, site, region, provider }: KeptJoin): Vantage => ({
  kind: "remote",
  id: id ?? join.replace(/^j/, "vantage"),
  region: region ?? UNNAMED,
  provider: provider ?? UNNAMED,
  ...(site === undefined ? {} : { site }),
  sites,
});

const tradeFirst = (shard: Shard, { join, hash }: JoinRow, trade: Trade, now: number): Result<Traded> => {
  const { kind, site, target, nonce } = trade;
  const used = { ...join, usedAt: toInstant(now), token: trade.token.id };
  const use = (): void => shard.registry.putJoin({ join: used, hash, nonce });
  const vantage = vantageOf(join);
  const of = kind === "vantage" ? { vantage: vantage.id } : { site, target };
  const token = { ...trade.token, ...of } as TokenAnswer;
  const made =
    kind === "vantage"
      ? addVantage(shard, vantage, token, trade.hash, use)
      : addToken(shard, token, trade.hash, use);
  return made.ok ? accepted(tradedFor(join, token)) : made;
};

const tradedFor = ({ join, kind }: KeptJoin, { vantage, site, target }: TokenAnswer): Traded => ({
  join,
  kind,
  ...(vantage === undefined ? {} : { vantage }),
  ...(site === undefined ? {} : { site }),
  ...(target === undefined ? {} : { target }),
});

/** Undefined where another caller asks, or asks too late, or where the token has been rotated or revoked since. */
const tradeAgain = (
  shard: Shard,
  { join, nonce }: JoinRow,
  trade: Trade,
  now: number,
): Result<Traded> | undefined => {
  const { registry } = shard;
  const token = registry.tokens(now).find(({ id }) => id === join.token);
  if (nonce !== trade.nonce || !isInTime(join, now)) return undefined;
  if (token === undefined || token.rotatedAt !== undefined) return undefined;
  if (token.site !== trade.site || token.target !== trade.target || join.kind !== trade.kind)
    return undefined;
  if (registry.isNewest(token.id, trade.hash)) return accepted(tradedFor(join, token));
  const vantage = registry.vantages().find(({ id }) => id === token.vantage);
  shard.transact(() => {
    registry.putToken({ ...token, hash: trade.hash });
    // A holder of the first text may have used report numbers.
    if (vantage !== undefined) registry.putVantage({ ...vantage, rotations: (vantage.rotations ?? 0) + 1 });
  });
  if (vantage !== undefined) shard.enrol();
  return accepted(tradedFor(join, token));
};
