/** Conductors of groups in memory, for tests of the API that only read groups. */
import type { GroupAnswer } from "../../src/domain/group.ts";
import type { World } from "./world.ts";
import { platformError } from "./fake.ts";

const sitesOf = ({ members }: GroupAnswer): string[] =>
  [...new Set(members.map(({ site }) => site))].toSorted();

/** What a group's conductor does: it answers, throws, never answers, or knows no such group. */
export type Conducted = GroupAnswer | "throws" | "silent" | "deleted";

/** Lists these groups and puts a conductor behind each. A group whose conductor does not answer is listed with site `fra`. */
export const conduct = ({ aggregator, env }: World, groups: Record<string, Conducted>): void => {
  aggregator.groups = Object.entries(groups).map(([group, one]) => ({
    group,
    mode: typeof one === "string" ? "pool" : one.mode,
    sites: typeof one === "string" ? ["fra"] : sitesOf(one),
  }));
  const read = async (group: string): Promise<unknown> => {
    const one = groups[group];
    if (one === "throws") throw platformError();
    if (one === "silent") return new Promise(() => {});
    return one === undefined || one === "deleted" ? null : { answer: { ...one, group }, etag: '"1"' };
  };
  env.CONDUCTOR = {
    idFromName: (name: string) => name,
    get: () => ({ read }),
  } as unknown as DurableObjectNamespace;
};
