/** Remote vantages and tokens. Shard 0 decides; the other shards follow its list of vantages. */
import { accepted, refused, type Result } from "../domain/problem.ts";
import { toInstant } from "../domain/instant.ts";
import type { TokenAnswer } from "../domain/token.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { Shard } from "./shard.ts";

/** As many vantages as one target may name. */
const MAX_REMOTE = 16;
const MAX_TOKENS = 1_000;
/** The most earlier texts of one token that open something at once. */
const MAX_FORMER = 4;

const noToken = (id: string) => refused("not-found", `there is no token "${id}"`, "id");
const noVantage = (id: string) => refused("not-found", `there is no remote vantage "${id}"`, "id");

/** What the caller keeps in the same transaction: nothing, by default. */
const NOTHING = (): void => undefined;

export const addVantage = (
  shard: Shard,
  vantage: Vantage,
  token: TokenAnswer,
  hash: string,
  also = NOTHING,
): Result<null> => {
  if (shard.roster.some(({ id }) => id === vantage.id))
    return refused(
      "conflict",
      `there is a vantage "${vantage.id}" already: rotate its token, or delete it`,
      "id",
    );
  if (shard.registry.vantages().length >= MAX_REMOTE)
    return refused("capacity", `there are ${MAX_REMOTE} remote vantages, the most there may be`);
  shard.transact(() => {
    shard.registry.putVantage(vantage);
    shard.registry.putToken({ ...token, hash });
    also();
  });
  shard.enrol();
  return accepted(null);
};

export const rotateVantage = (
  shard: Shard,
  id: string,
  token: TokenAnswer,
  hash: string,
): Result<Vantage> => {
  const known = shard.registry.vantages().find((one) => one.id === id);
  if (known === undefined) return noVantage(id);
  // A holder of the old token may have used report numbers up to the highest there is.
  const vantage = { ...known, rotations: (known.rotations ?? 0) + 1 };
  shard.transact(() => {
    revoke(shard, id);
    shard.registry.putToken({ ...token, hash });
    shard.registry.putVantage(vantage);
  });
  shard.enrol();
  return accepted(vantage);
};

const revoke = (shard: Shard, vantage: string): void => {
  const { registry } = shard;
  for (const token of registry.tokens(shard.now()))
    if (token.vantage === vantage) registry.deleteToken(token.id);
};

/** Targets that name the vantage keep the name, and the other vantages look at them. */
export const deleteVantage = (shard: Shard, id: string): Result<null> => {
  if (!shard.registry.vantages().some((one) => one.id === id)) return noVantage(id);
  shard.transact(() => {
    shard.registry.deleteVantage(id);
    revoke(shard, id);
  });
  shard.enrol();
  return accepted(null);
};

/** Replaces this shard's list of remote vantages by that of shard 0. */
export const followVantages = (shard: Shard, vantages: Vantage[]): void => {
  const known = shard.registry.vantages();
  if (JSON.stringify(known) === JSON.stringify(vantages)) return;
  shard.transact(() => {
    for (const { id } of known) shard.registry.deleteVantage(id);
    for (const vantage of vantages) shard.registry.putVantage(vantage);
  });
  shard.enrol();
};

export const addToken = (shard: Shard, token: TokenAnswer, hash: string, also = NOTHING): Result<null> => {
  if (shard.registry.tokens(shard.now()).length >= MAX_TOKENS)
    return refused("capacity", `there are ${MAX_TOKENS} tokens, the most there may be: delete some`);
  shard.transact(() => {
    shard.registry.putToken({ ...token, hash });
    also();
  });
  return accepted(null);
};

/** Gives the token a new text. `graceMs`: how long the old text still opens the same; 0 voids all earlier texts. */
export const rotateToken = (shard: Shard, id: string, hash: string, graceMs: number): Result<TokenAnswer> => {
  const now = shard.now();
  const { registry } = shard;
  const find = () => registry.tokens(now).find((one) => one.id === id);
  const token = find();
  if (token === undefined) return noToken(id);
  if (token.scope === "vantage")
    return refused(
      "conflict",
      `"${id}" is a vantage's token: rotate it by POST /v1/vantages/{id}/rotate`,
      "id",
    );
  // The caller asks twice, because the first answer was lost.
  if (registry.isNewest(id, hash)) return accepted(token);
  const [soonest = now, ...others] = registry.formerEnds(id, now);
  if (graceMs > 0 && others.length + 1 >= MAX_FORMER)
    return refused(
      "capacity",
      `${MAX_FORMER} earlier texts of "${id}" still open: wait, or rotate with graceMs 0, which voids them`,
      "graceMs",
      soonest - now,
    );
  shard.transact(() =>
    registry.rotateToken({ ...token, rotatedAt: toInstant(now) }, hash, now, now + graceMs),
  );
  return accepted(find() ?? token);
};

export const deleteToken = (shard: Shard, id: string): Result<null> => {
  const token = shard.registry.tokens(shard.now()).find((one) => one.id === id);
  if (token === undefined) return noToken(id);
  if (token.scope === "vantage")
    return refused("conflict", `"${id}" is a vantage's token: rotate it, or delete the vantage`, "id");
  shard.registry.deleteToken(id);
  return accepted(null);
};
