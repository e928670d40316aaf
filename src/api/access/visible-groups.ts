/** Groups, as far as the token reads all of their members' sites. */
import type { StoredGroup } from "../../domain/rpc.ts";
import { readGroup } from "../aggregators/conductor-calls.ts";
import type { ApiContext } from "../context.ts";
import { ApiError } from "../errors/api-error.ts";
import { requireSite } from "./auth.ts";

export const noGroup = (group: string): ApiError =>
  new ApiError("not-found", `there is no group "${group}"`, [{ path: "group", message: "is not known" }]);

/** A stored group. Throws ApiError 404, or 403 where the token may not read all its members' sites. `region`: from where a pool is seen. */
export const groupRead = async (
  c: ApiContext,
  group: string,
  region: string | null = null,
): Promise<StoredGroup> => {
  const found = await readGroup(c, group, (conductor) => conductor.read(group, region));
  if (found === null) throw noGroup(group);
  for (const { site } of found.answer.members) requireSite(c.get("grant"), site);
  return found;
};
