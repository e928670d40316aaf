import { createRoute, z } from "@hono/zod-openapi";
import { NameSchema } from "../domain/name.ts";
import type { PastPage, PastQuery } from "../domain/rpc.ts";
import type { ListedTransition } from "../domain/verdict.ts";
import { reader, sitesOf } from "./auth.ts";
import { shardsFor } from "./census.ts";
import type { Api } from "./context.ts";
import { type Cursor, decodeCursor, encodeCursor } from "./cursor.ts";
import { json, problems, schemas, security } from "./document.ts";
import { InstantQuery } from "./instant.ts";
import { invalid } from "./problem.ts";
import { readShard } from "./shards.ts";

const DEFAULT_LIMIT = 50;

const Query = z.object({
  since: InstantQuery.meta({ description: "Not older than this instant, or than so long ago: `-1h`" }),
  until: InstantQuery.meta({ description: "Not newer than this instant, or than so long ago" }),
  site: NameSchema.optional().meta({ description: "Of this site alone" }),
  target: NameSchema.optional().meta({ description: "Of targets of this name alone" }),
  cursor: z.string().min(1).max(16_384).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(100).default(DEFAULT_LIMIT),
});

const transitionsRoute = createRoute({
  method: "get",
  path: "/v1/transitions",
  tags: ["verdicts"],
  security,
  summary: "Transitions of all targets, newest first",
  middleware: [reader],
  request: { query: Query },
  responses: {
    200: { description: "One page", content: json(schemas.Transitions) },
    ...problems(400, 401, 403, 503),
  },
});

const cursorIn = (text: string | undefined): Cursor => {
  const cursor = text === undefined ? new Map<number, string>() : decodeCursor(text);
  if (cursor === null)
    throw invalid([{ path: "cursor", message: "is not a cursor that this list gave as `next`" }]);
  return cursor;
};

/** Where a shard has nothing more. */
const OVER = "0.0";

/** One shard's page, as far as it has been taken. */
class Reel {
  readonly shard: number;
  readonly #page: PastPage;
  #taken = 0;

  constructor(shard: number, page: PastPage) {
    this.shard = shard;
    this.#page = page;
  }

  /** When the next of it was; -Infinity where it is over; undefined where that is not known before another call. */
  get at(): number | undefined {
    const at = this.#page.transitions[this.#taken]?.at;
    return at ?? (this.#page.next === null ? -Infinity : undefined);
  }

  get place(): string {
    const { transitions, next, start } = this.#page;
    if (this.#taken === transitions.length) return next ?? OVER;
    return transitions[this.#taken - 1]?.before ?? start;
  }

  take(): ListedTransition | undefined {
    const next = this.#page.transitions[this.#taken];
    if (next !== undefined) this.#taken += 1;
    return next?.transition;
  }
}

/** The newest of all shards, in order as far as that is known: a shard that has to be asked again ends the page. */
const merged = (reels: readonly Reel[], limit: number): ListedTransition[] => {
  const page: ListedTransition[] = [];
  while (page.length < limit && reels.every(({ at }) => at !== undefined)) {
    const [newest] = reels.toSorted((left, right) => (right.at ?? 0) - (left.at ?? 0));
    const taken = newest?.take();
    if (taken === undefined) break;
    page.push(taken);
  }
  return page;
};

/** `GET /v1/transitions`. */
export const addTransitions = (app: Api): void => {
  app.openapi(transitionsRoute, async (c) => {
    const { since, until, site, target, cursor, limit } = c.req.valid("query");
    const places = cursorIn(cursor);
    const shards = shardsFor(c, site);
    const at = { env: c.env, config: c.get("config") };
    const read = async (shard: number): Promise<Reel> => {
      const query: PastQuery = {
        since,
        until,
        sites: site === undefined ? (sitesOf(c) ?? null) : [site],
        target: target ?? null,
        before: places.get(shard) ?? null,
        limit,
      };
      return new Reel(shard, await readShard(at, shard, (a) => a.transitionsBefore(query)));
    };
    const reels = await Promise.all(shards.map(read));
    const transitions = merged(reels, limit);
    const isOver = reels.every((reel) => reel.place === OVER);
    const next = isOver ? null : encodeCursor(new Map(reels.map(({ shard, place }) => [shard, place])));
    return c.json({ transitions, next }, 200);
  });
};
