import { OpenAPIHono } from "@hono/zod-openapi";
import { addAttempts } from "./attempts.ts";
import { addAudit } from "./audit.ts";
import { addAvoids } from "./avoids.ts";
import { isReading, routedPath } from "./capability.ts";
import { answerInTrouble, checkOf } from "./check.ts";
import { addBadges } from "./badges.ts";
import { addChecks } from "./checks.ts";
import type { Api, ApiEnv, Edge } from "./context.ts";
import { addDeliveries } from "./deliveries.ts";
import { addDiscovery } from "./discovery.ts";
import { addDrills } from "./drills.ts";
import { withEnds } from "./ending.ts";
import { addEvents } from "./events.ts";
import { addEvidence } from "./evidence.ts";
import { addGdnsd } from "./gdnsd.ts";
import { GoAheads } from "./go-aheads.ts";
import { addGroupActs } from "./group-acts.ts";
import { addGroupChecks, servingInTrouble } from "./group-checks.ts";
import { addGroupList } from "./group-list.ts";
import { addGroups } from "./groups.ts";
import { withHeaders } from "./headers.ts";
import { addHealth, OwnHealth } from "./health.ts";
import { addHistory } from "./history.ts";
import { schemaError } from "./invalid.ts";
import { addJoins } from "./joins.ts";
import { addMatrix } from "./matrix.ts";
import { addMetrics } from "./metrics.ts";
import { notRouted } from "./method.ts";
import { addDocument } from "./openapi.ts";
import { addMutes } from "./mutes.ts";
import { addOverride } from "./override.ts";
import { addPatch } from "./patch.ts";
import { addPage } from "./page.ts";
import { toApiError } from "./problem.ts";
import { Reads } from "./read.ts";
import { addSites } from "./sites.ts";
import { addExchange } from "./exchange.ts";
import { addTargets } from "./targets.ts";
import { addTransitions } from "./transitions.ts";
import { addTokens } from "./tokens.ts";
import { addVantages } from "./vantages.ts";
import { addVerdict } from "./verdict.ts";
import { addVerdicts } from "./verdicts.ts";
import { addWebhooks } from "./webhooks.ts";
import { addWords } from "./words.ts";

const withErrors = (app: Api): void => {
  app.notFound(notRouted(app));
  app.onError((thrown, c) => {
    const error = toApiError(thrown);
    if (!error.ours || !isReading(c.req.method)) return error.toResponse();
    const check = checkOf(c.req.path);
    return check === undefined
      ? (servingInTrouble(c.req.path) ?? error.toResponse())
      : answerInTrouble(check);
  });
};

/**
 * The HTTP API over the aggregators of `env`. What an isolate remembers (last answers, own health)
 * lives in the app, so one app is made per isolate.
 */
export const createApp = (edge: Edge): Api => {
  const app: Api = new OpenAPIHono<ApiEnv>({
    getPath: routedPath,
    defaultHook: (result) => {
      if (!result.success) throw schemaError(result.error);
    },
  });
  const reads = new Reads();
  const health = new OwnHealth();
  const goAheads = new GoAheads();
  withErrors(app);
  withHeaders(app);
  withEnds(app);
  addVerdict(app, reads);
  addChecks(app, { reads, goAheads });
  addBadges(app, reads);
  addTargets(app, edge);
  addPatch(app, edge);
  addAttempts(app, edge);
  addSites(app);
  addHistory(app);
  addTransitions(app);
  addEvidence(app);
  addAudit(app);
  addVerdicts(app);
  addMatrix(app);
  addMetrics(app);
  addDiscovery(app);
  addGdnsd(app, goAheads);
  addAvoids(app, goAheads);
  addOverride(app);
  addVantages(app);
  addExchange(app);
  addTokens(app);
  addJoins(app);
  addWords(app);
  addMutes(app);
  addGroups(app);
  addGroupList(app);
  addGroupActs(app);
  addGroupChecks(app);
  addDrills(app);
  addWebhooks(app, edge);
  addDeliveries(app);
  addEvents(app);
  addHealth(app, health);
  addPage(app, health);
  addDocument(app);
  return app;
};
