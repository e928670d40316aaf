import { OpenAPIHono } from "@hono/zod-openapi";
import { addAttempts } from "./routes/attempt-routes.ts";
import { addAudit } from "./routes/audit-routes.ts";
import { addAvoids } from "./checks/avoid-routes.ts";
import { isReading, routedPath } from "./access/capability.ts";
import { answerInTrouble, gradedCheckOf } from "./checks/grades.ts";
import { addBadges } from "./checks/badge-routes.ts";
import { addChecks } from "./checks/check-routes.ts";
import type { Api, ApiEnv, NameLookup } from "./context.ts";
import { addDeliveries } from "./routes/delivery-routes.ts";
import { addDiscovery } from "./exports/discovery-routes.ts";
import { addDrills } from "./routes/drill-routes.ts";
import { withEnds } from "./ending.ts";
import { addEvents } from "./routes/event-routes.ts";
import { addEvidence } from "./routes/evidence-routes.ts";
import { addGdnsd } from "./checks/gdnsd-routes.ts";
import { ToldAutomation } from "./aggregators/told-automation.ts";
import { addGroupActs } from "./routes/group-act-routes.ts";
import { addGroupChecks, servingInTrouble } from "./checks/group-check-routes.ts";
import { addGroupList } from "./routes/group-list-routes.ts";
import { addGroups } from "./routes/group-routes.ts";
import { withHeaders } from "./http/headers.ts";
import { addHealth, OwnHealth } from "./routes/health-routes.ts";
import { addHistory } from "./routes/history-routes.ts";
import { schemaError } from "./errors/invalid.ts";
import { addJoins } from "./routes/join-routes.ts";
import { addMatrix } from "./routes/matrix-routes.ts";
import { addMetrics } from "./exports/metric-routes.ts";
import { notRouted } from "./access/wrong-method.ts";
import { addDocument } from "./openapi/openapi-routes.ts";
import { addMutes } from "./routes/mute-routes.ts";
import { addOverride } from "./routes/override-routes.ts";
import { addPatch } from "./routes/patch-routes.ts";
import { addPage } from "./routes/page-routes.ts";
import { toApiError } from "./errors/api-error.ts";
import { Reads } from "./aggregators/target-reads.ts";
import { addSites } from "./routes/site-routes.ts";
import { addExchange } from "./routes/exchange-routes.ts";
import { addTargets } from "./routes/target-routes.ts";
import { addTransitions } from "./routes/transition-routes.ts";
import { addTokens } from "./routes/token-routes.ts";
import { addVantages } from "./routes/vantage-routes.ts";
import { addVerdict } from "./checks/verdict-routes.ts";
import { addVerdicts } from "./routes/verdict-list-routes.ts";
import { addWebhooks } from "./routes/webhook-routes.ts";
import { addWords } from "./routes/heartbeat-routes.ts";

const withErrors = (app: Api): void => {
  app.notFound(notRouted(app));
  app.onError((thrown, c) => {
    const error = toApiError(thrown);
    if (!error.ours || !isReading(c.req.method)) return error.toResponse();
    const check = gradedCheckOf(c.req.path);
    return check === undefined
      ? (servingInTrouble(c.req.path) ?? error.toResponse())
      : answerInTrouble(check);
  });
};

/**
 * The HTTP API over the aggregators of `env`. What an isolate remembers (last answers, own health)
 * lives in the app, so one app is made per isolate.
 */
export const createApp = (edge: NameLookup): Api => {
  const app: Api = new OpenAPIHono<ApiEnv>({
    getPath: routedPath,
    defaultHook: (result) => {
      if (!result.success) throw schemaError(result.error);
    },
  });
  const reads = new Reads();
  const health = new OwnHealth();
  const goAheads = new ToldAutomation();
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
