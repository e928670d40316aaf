import { createRoute, z } from "@hono/zod-openapi";
import { NameSchema } from "../../domain/name.ts";
import { shardOf } from "../../domain/shard-of.ts";
import { mayReadSite } from "../../domain/token.ts";
import { reader, requireSite, readableSites, slotHolderOf } from "../access/auth.ts";
import type { Api, ApiContext } from "../context.ts";
import { decodeCursor, type Cursor } from "../aggregators/cursor.ts";
import { problems, security } from "../openapi/descriptions.ts";
import { Feed } from "../aggregators/feed.ts";
import { ApiError, invalid } from "../errors/api-error.ts";
import { ADMIN_SLOTS, ConnectionSlots } from "../access/connection-slots.ts";
import { shardsOf } from "../aggregators/shard-calls.ts";
import { EventStream, PACE } from "../aggregators/server-sent.ts";

/** Streams one isolate holds at once. */
const MAX_STREAMS = 256;

const eventsRoute = createRoute({
  method: "get",
  path: "/v1/events",
  tags: ["verdicts"],
  security,
  summary: "Transitions as they happen, as server-sent events; resumes without a gap",
  middleware: [reader],
  request: {
    query: z.object({
      site: NameSchema.optional().meta({ description: "Of this site alone" }),
      after: z.string().optional().meta({
        description: "The id of the last event seen, for clients that cannot send Last-Event-ID",
      }),
    }),
    headers: z.object({
      "last-event-id": z
        .string()
        .optional()
        .meta({ description: "The id of the last event seen; goes before `after`" }),
    }),
  },
  responses: {
    200: {
      description:
        "`ready` with the id to resume from, `transition` with {site, target, transition, drill}, `gap` where some are not kept any more",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems(400, 401, 403, 503),
  },
});

const HEADERS = {
  "Content-Type": "text/event-stream",
  // Proxies that collect an answer before they pass it on would hold events back.
  "X-Accel-Buffering": "no",
};

/** The shards whose transitions the client asks for. */
const followed = (c: ApiContext, site: string | undefined): number[] => {
  const { shards } = c.get("config");
  const sites = site === undefined ? readableSites(c) : [site];
  if (sites === undefined) return shardsOf(c.get("config"));
  return [...new Set(sites.map((one) => shardOf(one, shards)))].toSorted((left, right) => left - right);
};

/** The cursor a client gives, with its text. Throws ApiError 400. */
const givenCursor = (
  header: string | undefined,
  after: string | undefined,
): { cursor: Cursor; text: string } | null => {
  const text = header || after;
  if (!text) return null;
  const cursor = decodeCursor(text);
  if (cursor !== null) return { cursor, text };
  const path = header ? "Last-Event-ID" : "after";
  throw invalid([{ path, message: "must be the id of an event of this stream" }]);
};

/** `GET /v1/events`. Held in the Worker; the objects are asked once a second, for all streams of an isolate together. */
export const addEvents = (app: Api, pace = PACE): void => {
  const feed = new Feed();
  const slots = new ConnectionSlots(MAX_STREAMS, ADMIN_SLOTS);
  app.openapi(eventsRoute, (c) => {
    const { site, after } = c.req.valid("query");
    if (site !== undefined) requireSite(c.get("grant"), site);
    const given = givenCursor(c.req.header("Last-Event-ID"), after);
    if (c.req.method === "HEAD") return new Response(null, { headers: HEADERS });
    const slot = slots.take(slotHolderOf(c), Date.now());
    if (slot === null)
      throw new ApiError("busy", `${MAX_STREAMS} streams of events are open here; come back shortly`);
    const grant = c.get("grant");
    const at = { env: c.env, config: c.get("config") };
    // A shard that is not in the cursor, as after a token has got more sites, is followed from its end.
    const places = new Map(
      followed(c, site).map((shard) => [shard, given?.cursor.get(shard) ?? null] as const),
    );
    const stream = new EventStream(
      places,
      given?.text ?? null,
      {
        read: (shard, place) => feed.after(at, shard, place),
        wants: (one) => (site === undefined || one === site) && mayReadSite(grant, one),
        mayStay: () => slots.renew(slot, Date.now()),
        isCrowded: () => slots.isCrowded,
        leave: () => slots.leave(slot),
      },
      pace,
    );
    return new Response(stream.open(), { headers: HEADERS });
  });
};
