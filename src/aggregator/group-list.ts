/** What shard 0 keeps for all groups: the list of groups, and the messages of their conductors. */
import { type ListedGroup, MAX_GROUPS } from "../domain/group.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { GroupWord } from "../domain/rpc.ts";
import type { Shard } from "./shard.ts";
import type { Audit } from "./store/audit-table.ts";

/** Prefix of a group's name: the fact that counts how many of the group's messages were taken. */
const TAKEN = "group-words ";

export const noteGroup = (shard: Shard, group: ListedGroup, isThere: boolean): Result<null> => {
  const { registry } = shard;
  if (!isThere) {
    registry.deleteGroup(group.group);
    return accepted(null);
  }
  const known = registry.groups();
  if (known.length >= MAX_GROUPS && !known.some((one) => one.group === group.group))
    return refused("capacity", `there are ${MAX_GROUPS} groups, the most there may be: delete some`);
  registry.putGroup(group);
  return accepted(null);
};

/** The fact that counts how many messages of all groups were to be sent to webhooks. */
const MESSAGES = "group-messages";

/** Takes each message of a conductor once, in order, each in one transaction. Returns the number of the last message taken. */
export const takeFromGroup = (shard: Shard, audit: Audit, group: string, words: GroupWord[]): number => {
  const name = TAKEN + group;
  let taken = Number(shard.catalogue.fact(name) ?? "0");
  for (const { number, audit: line, message } of words) {
    if (number <= taken) continue;
    const now = shard.now();
    const count = Number(shard.catalogue.fact(MESSAGES) ?? "0") + 1;
    const posted = message === undefined ? [] : shard.dispatcher.prepareGroup(count, message, now);
    shard.transact(() => {
      if (line !== undefined) audit.append(line);
      shard.dispatcher.store(posted);
      if (posted.length > 0) shard.catalogue.setFact(MESSAGES, String(count));
      shard.catalogue.setFact(name, String(number));
    });
    shard.dispatcher.take(posted, now);
    taken = number;
  }
  shard.dispatcher.start();
  return taken;
};
