import { createRoute } from "@hono/zod-openapi";
import { sentReply, takenReports, type ExchangeRequest } from "../../domain/exchange.ts";
import type { RemoteReply, Report } from "../../domain/report.ts";
import { ageMs } from "../aggregators/age.ts";
import { remote } from "../access/auth.ts";
import { reportBody } from "../http/request-body.ts";
import type { Api, ApiContext } from "../context.ts";
import { json, problems, schemas, security } from "../openapi/descriptions.ts";
import { ApiError, invalid } from "../errors/api-error.ts";
import { ConnectionSlots } from "../access/connection-slots.ts";
import { writeShard } from "../aggregators/shard-calls.ts";
import { pauseFor } from "../aggregators/within.ts";

/** Vantages held at once by one isolate. The next ones are answered at once. */
const MAX_HELD = 64;
const ASK_AGAIN_MS = 1_000;

const route = createRoute({
  method: "post",
  path: "/v1/observations",
  tags: ["vantages"],
  security,
  summary: "A remote vantage reports, and learns what it has to do",
  middleware: [remote, ...reportBody],
  request: { body: { required: true, content: json(schemas.Exchange) } },
  responses: {
    200: { description: "What is taken, and what is to be done", content: json(schemas.ExchangeReply) },
    ...problems(400, 401, 403, 413, 415, 503),
  },
});

const isNews = ({ assignment, wanted }: RemoteReply): boolean =>
  assignment !== undefined || wanted.length > 0;

/** Holds listeners in the Worker and asks the aggregator again each second: waiting inside the aggregator would pin and bill it. */
class Listeners {
  readonly #slots = new ConnectionSlots(MAX_HELD);

  async hold(
    vantage: string,
    request: ExchangeRequest,
    ask: () => Promise<RemoteReply>,
    gone: AbortSignal,
  ): Promise<RemoteReply> {
    const begun = Date.now();
    let reply = await ask();
    const slot =
      request.reports.length > 0 || isNews(reply)
        ? null
        : this.#slots.take({ by: vantage, isAdmin: false }, Date.now());
    if (slot === null) return reply;
    const mayStay = (): boolean => !gone.aborted && this.#slots.renew(slot, Date.now());
    try {
      while (!isNews(reply) && mayStay() && ageMs(begun) + ASK_AGAIN_MS <= request.waitMs) {
        await pauseFor(ASK_AGAIN_MS);
        reply = await ask().catch((error: unknown) => {
          if (error instanceof ApiError && error.ours) return reply;
          throw error;
        });
      }
      return reply;
    } finally {
      this.#slots.leave(slot);
    }
  }
}

/** The vantage that sends the request, and its reports in the form that the aggregator takes. */
const askedBy = (c: ApiContext, request: ExchangeRequest): { vantage: string; reports: Report[] } => {
  const grant = c.get("grant");
  const { shards } = c.get("config");
  if (grant.scope !== "vantage") throw new ApiError("forbidden", "this needs a vantage's own token");
  if (request.shard >= shards)
    throw invalid([{ path: "shard", message: `must be below ${shards}, the number of shards` }]);
  return { vantage: grant.vantage, reports: takenReports(grant.vantage, request.reports) };
};

/** `POST /v1/observations`. The aggregator recognises reports by their sequence, so a second attempt does no harm. */
export const addExchange = (app: Api): void => {
  const listeners = new Listeners();
  app.openapi(route, async (c) => {
    const request = c.req.valid("json");
    const { vantage, reports } = askedBy(c, request);
    const ask = () =>
      writeShard(c, request.shard, (a) => a.exchange(vantage, request.version, reports), true);
    const reply = await listeners.hold(vantage, request, ask, c.req.raw.signal);
    return c.json(sentReply(reply, c.get("config").shards, Date.now()), 200);
  });
};
