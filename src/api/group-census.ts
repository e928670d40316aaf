/** All groups at once, for what tells of many. */
import type { GroupAnswer, ListedGroup } from "../domain/group.ts";
import type { ApiContext } from "./context.ts";
import { groupRead, listGroups } from "./groups.ts";
import { ApiError } from "./problem.ts";

/** A group as it is listed, and as its conductor tells it: null where that one does not answer. */
export interface CountedGroup {
  listed: ListedGroup;
  answer: GroupAnswer | null;
}

/** Deleted since it was listed, or with a member that the token may not see: none of the asker's groups. */
const isNone = (error: unknown): boolean => error instanceof ApiError && !error.ours;

const counted = async (c: ApiContext, listed: ListedGroup): Promise<CountedGroup[]> => {
  try {
    const { answer } = await groupRead(c, listed.group);
    return [{ listed, answer }];
  } catch (error) {
    return isNone(error) ? [] : [{ listed, answer: null }];
  }
};

/**
 * The groups that the token reads, of one site those with a member there: all conductors are asked together, so the slowest read is
 * the longest wait. Null where shard 0 does not tell which groups there are.
 */
export const countGroups = async (
  c: ApiContext,
  site: string | undefined,
): Promise<CountedGroup[] | null> => {
  const listed = await listGroups(c).catch(() => null);
  if (listed === null) return null;
  const wanted = listed.filter(({ sites }) => site === undefined || sites.includes(site));
  return (await Promise.all(wanted.map((one) => counted(c, one)))).flat();
};
