import { createRoute } from "@hono/zod-openapi";
import type { VantageAnswer, VantageState } from "../domain/vantage.ts";
import { reader } from "./auth.ts";
import type { Api } from "./context.ts";
import { json, problems, schemas, security } from "./document.ts";
import { readAll } from "./shards.ts";

const listRoute = createRoute({
  method: "get",
  path: "/v1/vantages",
  tags: ["vantages"],
  security,
  summary: "Where we look from, and whether each can be believed",
  middleware: [reader],
  responses: { 200: { description: "The vantages", content: json(schemas.Vantages) }, ...problems(401, 503) },
});

/** From best to worst: a vantage that is not well in one shard is shown as not well. */
const STATES: VantageState[] = ["sound", "suspect", "faulty", "silent"];

const worse = (left: VantageState, right: VantageState): VantageState =>
  STATES.indexOf(left) > STATES.indexOf(right) ? left : right;

const later = (left: string | null, right: string | null): string | null =>
  (left ?? "") > (right ?? "") ? left : right;

const merge = (left: VantageAnswer, right: VantageAnswer): VantageAnswer => ({
  ...left,
  colo: left.colo ?? right.colo,
  state: worse(left.state, right.state),
  lastReportAt: later(left.lastReportAt, right.lastReportAt),
  rearmed: left.rearmed + right.rearmed,
  counts: {
    reports: left.counts.reports + right.counts.reports,
    observations: left.counts.observations + right.counts.observations,
    dropped: left.counts.dropped + right.counts.dropped,
  },
});

/** One entry a vantage, though each shard has an object of its own in every region. */
export const mergeVantages = (lists: VantageAnswer[][]): VantageAnswer[] => {
  const merged = new Map<string, VantageAnswer>();
  for (const vantage of lists.flat()) {
    const known = merged.get(vantage.id);
    merged.set(vantage.id, known === undefined ? vantage : merge(known, vantage));
  }
  return [...merged.values()];
};

/** `GET /v1/vantages`, merged over the shards. */
export const addVantages = (app: Api): void => {
  app.openapi(listRoute, async (c) => {
    const vantages = mergeVantages(await readAll(c, (a) => a.listVantages()));
    return c.json({ vantages }, 200);
  });
};
