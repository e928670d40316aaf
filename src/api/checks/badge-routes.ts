import { isName, keyOf } from "../../domain/name.ts";
import { configOf } from "../../config.ts";
import { shardOf } from "../../domain/shard-of.ts";
import { ageMs } from "../aggregators/age.ts";
import { admitReader, sentToken } from "../access/auth.ts";
import { drawnBadge, IN_TROUBLE, type BadgeText, saidOf, tagOf } from "./badge.ts";
import { isUnmodified } from "../http/conditional.ts";
import type { Api, ApiContext } from "../context.ts";
import { ended } from "../ending.ts";
import { CoalescedReads } from "../aggregators/coalesced-reads.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { ApiError } from "../errors/api-error.ts";
import { type ReadPlace, readPlaceOf, type Reads } from "../aggregators/target-reads.ts";
import { type Deployment, readShardTogether, unlessEarlier } from "../aggregators/shard-calls.ts";

/**
 * How old a badge may be, and the list of the public ones. For requests without a token an isolate asks a shard for both once in this time,
 * however many requests come and whatever names they give.
 */
const MAX_AGE_MS = 10_000;

interface Listed {
  keys: ReadonlySet<string>;
  at: number;
}

/** The targets whose badge is public, as far as this isolate knows. */
class Publics {
  readonly #known = new Map<number, Listed>();
  readonly #flights = new CoalescedReads();

  /** Throws ApiError where the shard does not answer. */
  async has(at: Deployment, { site, target }: ReadPlace): Promise<boolean> {
    const shard = shardOf(site, at.config.shards);
    const known = this.#known.get(shard);
    const isFresh = known !== undefined && ageMs(known.at) < MAX_AGE_MS;
    const { keys } = isFresh ? known : await this.#read(at, shard);
    return keys.has(keyOf(site, target));
  }

  async #read(at: Deployment, shard: number): Promise<Listed> {
    const keys = await readShardTogether(at, shard, this.#flights, String(shard), (a) =>
      unlessEarlier(
        () => a.publicBadges(),
        () => [],
      ),
    );
    const listed = { keys: new Set(keys), at: Date.now() };
    this.#known.set(shard, listed);
    return listed;
  }
}

const PICTURE = { "Content-Type": "image/svg+xml" };

const headersFor = (scope: "public" | "private"): Record<string, string> => ({
  // A badge may be opened as a page of its own, of our origin: nothing in it may do anything there.
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cache-Control": `${scope}, max-age=${MAX_AGE_MS / 1_000}`,
});

const pictured = async (
  c: ApiContext,
  place: ReadPlace,
  said: BadgeText,
  scope: "public" | "private",
): Promise<Response> => {
  const etag = tagOf(place, said);
  const headers = { ...headersFor(scope), ETag: etag };
  return isUnmodified(c.req.header("If-None-Match"), etag)
    ? new Response(null, { status: 304, headers })
    : new Response(ended(await drawnBadge(place, said)), { headers: { ...PICTURE, ...headers } });
};

/** Status 200: browsers show the picture then, and mostly do not with another status. */
const picturedInTrouble = async (place: ReadPlace): Promise<Response> =>
  new Response(ended(await drawnBadge(place, IN_TROUBLE)), {
    headers: { ...PICTURE, ...headersFor("private"), "Cache-Control": "no-store" },
  });

/** The names in the path, where this target's badge is public. Otherwise the answer does not reveal whether the target exists. */
const publicPlace = async (c: ApiContext, publics: Publics): Promise<ReadPlace | undefined> => {
  const { site = "", target = "" } = c.req.param() as { site?: string; target?: string };
  const config = configOf(c.env);
  if (!isName(site) || !isName(target) || config.problems.length > 0) return undefined;
  return (await publics.has({ env: c.env, config }, { site, target })) ? { site, target } : undefined;
};

const isGone = (error: unknown): boolean => error instanceof ApiError && error.kind === "not-found";

/** The badge of a reading that is at most ten seconds old, as it holds now. */
const read = async (c: ApiContext, reads: Reads, place: ReadPlace): Promise<BadgeText> => {
  const at = { env: c.env, config: configOf(c.env) };
  const kept = reads.recent(place, MAX_AGE_MS) ?? (await reads.together(at, place));
  return saidOf(kept, Date.now());
};

const answer = async (c: ApiContext, reads: Reads, publics: Publics): Promise<Response> => {
  const open = sentToken(c) === undefined ? await publicPlace(c, publics) : undefined;
  // Throws 401 where there is no token.
  if (open === undefined) await admitReader(c);
  const place = open ?? readPlaceOf(c);
  try {
    return await pictured(c, place, await read(c, reads, place), open === undefined ? "private" : "public");
  } catch (error) {
    if (open !== undefined && isGone(error)) await admitReader(c);
    throw error;
  }
};

const isCallers = (error: unknown): boolean => error instanceof ApiError && !error.ours;

/** `GET …/badge.svg`. Our own trouble is a badge that says so. */
export const addBadges = (app: Api, reads: Reads): void => {
  const publics = new Publics();
  app.get("/v1/sites/:site/targets/:target/badge.svg", async (c: ApiContext) => {
    try {
      return await answer(c, reads, publics);
    } catch (error) {
      if (isCallers(error)) throw error;
      if (!(error instanceof ApiError)) warn("api.badge", { reason: reasonOf(error) });
      return await picturedInTrouble(readPlaceOf(c));
    }
  });
};
