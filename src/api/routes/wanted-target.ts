/** The configuration that a PUT or a PATCH wants for a target, and how it is stored. */
import type { MiddlewareHandler } from "hono";
import type { z } from "zod";
import { isRecord } from "../../domain/merge.ts";
import { accepted, type Result } from "../../domain/problem.ts";
import type { PutTarget } from "../../domain/rpc.ts";
import {
  completeTarget,
  type SaidAt,
  type TargetBodySchema,
  type TargetConfig,
} from "../../domain/target.ts";
import type { ApiContext, ApiEnv, NameLookup } from "../context.ts";
import { addressWarnings, harmfulSends, privatePlaces } from "./private-places.ts";
import { invalid } from "../errors/api-error.ts";
import type { ReadPlace } from "../aggregators/target-reads.ts";
import { readSite, writeSite } from "../aggregators/shard-calls.ts";

interface Wanted {
  config: TargetConfig;
  said: SaidAt;
}

/** What a body wants, and what it says of the target as stored. Throws ApiError where it names another target than the path. */
export const wantedTarget = (
  place: ReadPlace,
  {
    site,
    target,
    createdAt,
    updatedAt,
    warnings: _ofThatMoment,
    ...request
  }: z.output<typeof TargetBodySchema>,
): Wanted => {
  const names = { site, target };
  const wrong = (["site", "target"] as const).filter(
    (field) => names[field] !== undefined && names[field] !== place[field],
  );
  if (wrong.length > 0)
    throw invalid(
      wrong.map((path) => ({
        path,
        message: `stands in the path: must be left out, or be "${place[path]}"`,
      })),
    );
  return { config: completeTarget(request), said: { createdAt, updatedAt } };
};

const LOST_NAME = "__proto__";

/**
 * The schema drops this name, and so do many programs on the way to a target. The sender gets an error instead of a target without the
 * header. Throws ApiError.
 */
export const refuseLostHeader = (body: unknown): void => {
  const headers = isRecord(body) ? body["headers"] : undefined;
  if (isRecord(headers) && Object.hasOwn(headers, LOST_NAME))
    throw invalid([{ path: `headers.${LOST_NAME}`, message: "is no name for a header: must be another" }]);
};

export const refusingLostHeader: MiddlewareHandler<ApiEnv> = async (c, next) => {
  refuseLostHeader(await c.req.json().catch(() => undefined));
  await next();
};

/** Whether only remote vantages are named: they may be inside the network to which a private place belongs. */
const areRemote = async (c: ApiContext, site: string, ids: string[] | undefined): Promise<boolean> => {
  if (ids === undefined) return false;
  const known = await readSite(c, site, (a) => a.listVantages());
  return ids.every((id) => known.some((vantage) => vantage.id === id && vantage.kind === "remote"));
};

/** Stores the target, where it may be stored. Throws ApiError; a refusal by the aggregator is a value. */
export const store = async (
  c: ApiContext,
  edge: NameLookup,
  { site, target }: ReadPlace,
  { config, said }: Wanted,
  ifMatch: string | null,
): Promise<Result<PutTarget>> => {
  const { allowPrivate } = c.get("config");
  const misplaced = allowPrivate ? [] : [...harmfulSends(config), ...(await privatePlaces(edge, config))];
  if (misplaced.length > 0 && !(await areRemote(c, site, config.vantages))) throw invalid(misplaced);
  // Either condition would hold only the first time, so such a write is not repeated.
  const mayRepeat = ifMatch === null && said.updatedAt === undefined;
  const [result, warnings] = await Promise.all([
    writeSite(c, site, (a) => a.putTarget(site, target, config, ifMatch, said), mayRepeat),
    allowPrivate ? [] : addressWarnings(edge, config.url),
  ]);
  if (!result.ok) return result;
  const { answer, ...rest } = result.value;
  return accepted({ ...rest, answer: { ...answer, warnings: [...answer.warnings, ...warnings] } });
};
