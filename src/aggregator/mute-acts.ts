/**
 * Mutes: targets and sites about which nobody wants to be notified. The judge does not know of mutes: looks, verdicts, advice and answers
 * to automation stay as they are.
 */
import { fromInstant } from "../domain/instant.ts";
import { MAX_MUTES, MUTE_MAX_MS, type MuteAnswer, muteAnswer, type MuteRequest } from "../domain/mute.ts";
import { keyOf } from "../domain/name.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { Shard } from "./shard.ts";

/** A mute has changed: drops the answers that were made before. */
const unread = (shard: Shard, site: string): void =>
  shard.unread(shard.catalogue.targets(site).map(({ target }) => keyOf(site, target)));

const checkUntil = (until: number, now: number): Result<null> => {
  if (until <= now) return refused("invalid", "must lie ahead", "until");
  return until > now + MUTE_MAX_MS
    ? refused("invalid", "must lie at most 7 days ahead", "until")
    : accepted(null);
};

const checkPlace = (shard: Shard, { site, target = null }: MuteRequest): Result<null> => {
  if (shard.catalogue.targets(site).length === 0)
    return refused("not-found", `there is no site "${site}"`, "site");
  return target === null || shard.catalogue.target(site, target) !== null
    ? accepted(null)
    : refused("not-found", `site "${site}" has no target "${target}"`, "target");
};

export const putMute = (
  shard: Shard,
  id: string,
  request: MuteRequest & { by?: string },
): Result<{ mute: MuteAnswer; created: boolean }> => {
  const now = shard.now();
  const until = fromInstant(request.until);
  const inForce = shard.mutes.at(now);
  const old = inForce.find((one) => one.id === id);
  const failed = [checkPlace(shard, request), checkUntil(until, now)].find((check) => !check.ok);
  if (failed !== undefined && !failed.ok) return failed;
  if (old !== undefined && old.site !== request.site)
    return refused(
      "conflict",
      `mute "${id}" is one of site "${old.site}": delete it, or take another id`,
      "site",
    );
  if (old === undefined && inForce.length >= MAX_MUTES)
    return refused("capacity", `a shard holds ${MAX_MUTES} mutes: delete some`);
  const { site, target = null, reason, by = "unknown" } = request;
  const mute = { id, site, target, until, reason, by };
  shard.transact(() => shard.mutes.put(mute, now));
  unread(shard, site);
  return accepted({ mute: muteAnswer(mute), created: old === undefined });
};

export const listMutes = (shard: Shard): MuteAnswer[] => shard.mutes.at(shard.now()).map(muteAnswer);

export const deleteMute = (shard: Shard, id: string): Result<null> => {
  const mute = shard.mutes.at(shard.now()).find((one) => one.id === id);
  if (mute === undefined) return refused("not-found", `there is no mute "${id}"`, "id");
  shard.mutes.delete(id);
  unread(shard, mute.site);
  return accepted(null);
};
