/** Asks the shards of a group's members for their views of those members. */
import { aggregatorOf, type Bindings, type Config } from "../config.ts";
import type { GroupConfig, MemberView } from "../domain/group.ts";
import type { MemberViews } from "../domain/rpc.ts";
import { shardOf } from "../domain/shard-of.ts";
import { memberName } from "../group/group-state.ts";

/** How long a shard may take: no change waits for a shard that does not answer. */
const PULL_LIMIT_MS = 1_000;

/** The result of a call to another object; rejects if it does not come in time. */
export const inTime = <T>(work: Promise<T>): Promise<T> =>
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

export interface Asking {
  env: Bindings;
  config: Config;
  group: string;
}

const ask = ({ env, config, group }: Asking, shard: number, members: string[]): Promise<MemberViews> =>
  inTime(aggregatorOf(env, config, shard).memberViews(group, members));

/** The view of a member whose target was deleted: it states nothing, and saves asking its shard again. */
const gone = (name: string): MemberView => {
  const [site = "", target = ""] = name.split("/");
  return {
    site,
    target,
    at: 0,
    sequence: 0,
    verdict: "unknown",
    confirmed: false,
    because: "there is no such target",
    routing: null,
    regions: {},
    failover: false,
    alive: false,
    asOf: null,
    validUntil: null,
    position: null,
  };
};

/** The shards' views of these members, and the members whose shard did not answer. Never rejects. */
export const pull = async (
  asking: Asking,
  members: readonly string[],
): Promise<{ views: MemberView[]; unheard: string[] }> => {
  const asked = [...byShard(members, asking.config.shards)];
  const told = await Promise.allSettled(asked.map(([shard, some]) => ask(asking, shard, some)));
  const views: MemberView[] = [];
  const unheard: string[] = [];
  for (const [index, one] of told.entries())
    if (one.status === "fulfilled") views.push(...one.value.views, ...one.value.absent.map(gone));
    else unheard.push(...(asked[index]?.[1] ?? []));
  return { views, unheard };
};

/** The same for members that the group is to have: from now on their shards report them. Rejects if one of the shards does not answer. */
export const enlist = async (asking: Asking, members: readonly string[]): Promise<MemberViews> => {
  const wanted = byShard(members, asking.config.shards);
  const told = await Promise.all([...wanted].map(([shard, some]) => ask(asking, shard, some)));
  return {
    views: told.flatMap(({ views }) => views),
    hosts: Object.assign({}, ...told.map(({ hosts }) => hosts)) as Record<string, string>,
    absent: told.flatMap(({ absent }) => absent),
  };
};

/** Makes the shards that may report `known` report these members and no others, and shard 0 list the group as it is. Rejects as above. */
export const announce = async (
  asking: Asking,
  known: readonly string[],
  config: GroupConfig | null,
): Promise<void> => {
  const { group, env } = asking;
  const members = config?.members ?? [];
  const sites = [...new Set(members.map(({ site }) => site))].toSorted();
  const first = aggregatorOf(env, asking.config, 0);
  const wanted = byShard(members.map(memberName), asking.config.shards);
  const left = [...byShard(known, asking.config.shards).keys()].filter((shard) => !wanted.has(shard));
  await Promise.all([
    inTime(first.noteGroup({ group, mode: config?.mode ?? "pool", sites }, config !== null)),
    ...[...wanted].map(([shard, some]) => ask(asking, shard, some)),
    ...left.map((shard) => ask(asking, shard, [])),
  ]);
};
