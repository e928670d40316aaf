import { createRoute, z } from "@hono/zod-openapi";
import type { ListedGroup, StatedGroup } from "../../domain/group.ts";
import { mayReadSite } from "../../domain/token.ts";
import { reader, readableSites } from "../access/auth.ts";
import type { Api, ApiContext } from "../context.ts";
import { json, problems, schemas, security } from "../openapi/descriptions.ts";
import { groupRead } from "../access/visible-groups.ts";
import { tags } from "../openapi/group-descriptions.ts";
import { ApiError } from "../errors/api-error.ts";
import { readRegistry, unlessEarlier } from "../aggregators/shard-calls.ts";

const listRoute = createRoute({
  method: "get",
  path: "/v1/groups",
  tags,
  security,
  summary: "The groups, by name",
  middleware: [reader],
  request: {
    query: z.object({
      with: z.enum(["state"]).optional().meta({
        description: "`state`: each with the answer of its own `GET`; null where it does not answer",
      }),
    }),
  },
  responses: {
    200: { description: "The groups", content: json(schemas.Groups) },
    ...problems(400, 401, 403, 503),
  },
});

/** The groups that the token reads. An aggregator of an earlier release knows of none. */
const listGroups = async (c: ApiContext): Promise<ListedGroup[]> => {
  const all = await readRegistry(c, (first) =>
    unlessEarlier(
      () => first.listGroups(),
      () => [],
    ),
  );
  const grant = c.get("grant");
  return readableSites(c) === undefined
    ? all
    : all.filter(({ sites }) => sites.every((site) => mayReadSite(grant, site)));
};

/** Deleted since it was listed, or with a member that the token may not see: not one of the caller's groups. */
const isNone = (error: unknown): boolean => error instanceof ApiError && !error.ours;

const stated = async (c: ApiContext, listed: ListedGroup): Promise<StatedGroup[]> => {
  try {
    const { answer } = await groupRead(c, listed.group);
    return [{ ...listed, state: answer }];
  } catch (error) {
    return isNone(error) ? [] : [{ ...listed, state: null }];
  }
};

/**
 * The groups that the token reads, each with the state that its conductor answers. `site`: only groups with a member there. All conductors
 * are asked together, so the slowest is the longest wait. Throws ApiError `unavailable` where shard 0 does not list the groups.
 */
const stateGroups = async (c: ApiContext, site: string | undefined): Promise<StatedGroup[]> => {
  const listed = await listGroups(c);
  const wanted = listed.filter(({ sites }) => site === undefined || sites.includes(site));
  return (await Promise.all(wanted.map((one) => stated(c, one)))).flat();
};

/** The same for answers that contain more than groups: null where shard 0 does not list the groups. */
export const stateGroupsOrNull = (c: ApiContext, site: string | undefined): Promise<StatedGroup[] | null> =>
  stateGroups(c, site).catch(() => null);

/** The list of groups. */
export const addGroupList = (app: Api): void => {
  app.openapi(listRoute, async (c) => {
    const isStated = c.req.valid("query").with === "state";
    return c.json({ groups: isStated ? await stateGroups(c, undefined) : await listGroups(c) }, 200);
  });
};
