/** Asks the shards of a group's members what they say of them. */
import { aggregatorOf, type Bindings, type Config } from "../config.ts";
import type { MemberView } from "../domain/group.ts";
import type { MemberViews } from "../domain/rpc.ts";
import { shardOf } from "../domain/shard.ts";

/** How long a shard may take: no change waits for one that does not answer. */
const PULL_LIMIT_MS = 1_000;

const inTime = <T>(work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${PULL_LIMIT_MS} ms`)), PULL_LIMIT_MS);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Members by the shard that holds them. */
const byShard = (members: readonly string[], shards: number): Map<number, string[]> => {
  const found = new Map<number, string[]>();
  for (const member of members) {
    const shard = shardOf(member.split("/")[0] ?? "", shards);
    found.set(shard, [...(found.get(shard) ?? []), member]);
  }
  return found;
};

interface Asking {
  env: Bindings;
  config: Config;
  group: string;
}

const ask = ({ env, config, group }: Asking, shard: number, members: string[]): Promise<MemberViews> =>
  inTime(aggregatorOf(env, config, shard).memberViews(group, members));

/** What the shards say of these members, and which of them nobody told of. Never rejects. */
export const pull = async (
  asking: Asking,
  members: readonly string[],
): Promise<{ views: MemberView[]; unheard: string[] }> => {
  const asked = [...byShard(members, asking.config.shards)];
  const told = await Promise.allSettled(asked.map(([shard, some]) => ask(asking, shard, some)));
  const views: MemberView[] = [];
  const unheard: string[] = [];
  for (const [index, one] of told.entries())
    if (one.status === "fulfilled") views.push(...one.value.views);
    else unheard.push(...(asked[index]?.[1] ?? []));
  return { views, unheard };
};

/**
 * The same of members that the group is to have, in place of those it had: from now on their shards tell of them, and of no others. Rejects
 * where a shard that holds one does not answer.
 */
export const enlist = async (
  asking: Asking,
  before: readonly string[],
  members: readonly string[],
): Promise<MemberViews> => {
  const wanted = byShard(members, asking.config.shards);
  const told = await Promise.all([...wanted].map(([shard, some]) => ask(asking, shard, some)));
  const left = [...byShard(before, asking.config.shards).keys()].filter((shard) => !wanted.has(shard));
  // One that is not reached tells of what nobody asks for any more, and is passed over.
  await Promise.allSettled(left.map((shard) => ask(asking, shard, [])));
  return {
    views: told.flatMap(({ views }) => views),
    hosts: Object.assign({}, ...told.map(({ hosts }) => hosts)) as Record<string, string>,
    absent: told.flatMap(({ absent }) => absent),
  };
};
