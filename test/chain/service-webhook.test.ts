import { afterAll, beforeAll, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { Delivery, WebhookAnswer, WebhookBody } from "../../src/domain/webhook.ts";
import { complaintsOf } from "../webhooks/format/services.ts";
import { HttpReceiver, type Manner, type Taken } from "./receiver.ts";
import { startDetector, stopDetector } from "./scene.ts";

// Services as their documentation describes them, on loopback. Each accepts what its schema allows, answers in its own words, and refuses
// the rest.

/** The first gap between attempts is 5 s, a fifth more or less. */
const ARRIVE_MS = 20_000;
const KEY = "0123456789abcdef0123456789abcdef";
const OTHER_KEY = "f".repeat(32);

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

type Service = Parameters<typeof complaintsOf>[0];

/** A service that accepts valid bodies and refuses others. `busy`: how many valid bodies it first answers with 429. */
const serviceOf = (service: Service, busy: number): { manner: Manner; accepted: Taken[] } => {
  const accepted: Taken[] = [];
  let asked = 0;
  const says: Record<Service, { taken: [number, string]; refused: string; retryAfter: string }> = {
    slack: { taken: [200, "ok"], refused: "invalid_payload", retryAfter: "1" },
    discord: { taken: [204, ""], refused: '{"code": 50006}', retryAfter: "0.35" },
    pagerduty: {
      taken: [202, '{"status":"success"}'],
      refused: '{"status":"invalid event"}',
      retryAfter: "2",
    },
    pagerdutyChange: { taken: [202, '{"status":"success"}'], refused: "", retryAfter: "2" },
  };
  const { taken, refused, retryAfter } = says[service];
  return {
    accepted,
    manner: (answer, got) => {
      const body = JSON.parse(got.body) as { routing_key?: string };
      const isKnown = service !== "pagerduty" || body.routing_key === KEY;
      if (complaintsOf(service, body).length > 0 || !isKnown) answer.writeHead(400).end(`${refused} ${KEY}`);
      else if (asked++ < busy) answer.writeHead(429, { "retry-after": retryAfter }).end();
      else {
        accepted.push(got);
        answer.writeHead(taken[0]).end(taken[1]);
      }
    },
  };
};

const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const { status, text } = await detector.api.ask(path, { method, body });
  if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
};

/** Gives a target a verdict by an operator's override. */
const say = (target: string, verdict: "node_dead" | "alive") =>
  detector.api.override({ site: "fra", target }, { verdict, reason: "a story <!channel>", ttlMs: 3_600_000 });

test("Slack, Discord, PagerDuty and a template's receiver are told of a cause and of its end, each once", async () => {
  const services = {
    slack: serviceOf("slack", 1),
    discord: serviceOf("discord", 1),
    pagerduty: serviceOf("pagerduty", 1),
    wrong: serviceOf("pagerduty", 0),
  };
  const receivers = new Map<string, HttpReceiver>();
  for (const [id, { manner }] of Object.entries(services))
    receivers.set(id, await HttpReceiver.start(manner));
  const own = await HttpReceiver.start();
  await detector.api.putTarget({ site: "fra", target: "db-1" }, { url: "http://127.0.0.1:9/", paused: true });
  const port = (id: string): string => `http://127.0.0.1:${receivers.get(id)?.port ?? own.port}`;
  const template = '{"what": "{{title}}", "why": "{{sentence}}", "over": "{{state}}", "link": "{{link}}"}';
  const hooks: Record<string, WebhookBody> = {
    slack: { url: `${port("slack")}/services/T0/B0/s3cret`, format: "slack" },
    discord: { url: `${port("discord")}/api/webhooks/1/s3cret`, format: "discord" },
    pagerduty: { url: `${port("pagerduty")}/v2/enqueue`, format: "pagerduty", routingKey: KEY },
    wrong: { url: `${port("wrong")}/v2/enqueue`, format: "pagerduty", routingKey: OTHER_KEY },
    own: { url: own.url, format: "generic-template", template },
  };
  const secrets = new Map<string, string>();
  for (const [id, body] of Object.entries(hooks)) {
    const made = await call<WebhookAnswer & { secret: string }>("PUT", `/v1/webhooks/${id}`, body);
    expect(made.page).toBe(new URL(detector.api.url).origin);
    secrets.set(id, made.secret);
  }
  const delivered = (id: string, count: number) =>
    until(
      async () => {
        const { counts } = await call<WebhookAnswer>("GET", `/v1/webhooks/${id}`);
        return counts.pending === 0 && counts.delivered === count;
      },
      { withinMs: ARRIVE_MS, everyMs: 50, explain: () => `${id} has not taken ${count}\n${detector.log}` },
    );

  await say("db-1", "node_dead");
  for (const id of ["slack", "discord", "pagerduty", "own"]) await delivered(id, 1);
  // After the detector's death, a cause that services were notified of is not sent again, and its end is sent all the same.
  await detector.kill();
  await detector.restart();
  await say("db-1", "alive");
  for (const id of ["slack", "discord", "pagerduty", "own"]) await delivered(id, 2);

  const bodies = <T>(taken: readonly Taken[]): T[] => taken.map(({ body }) => JSON.parse(body) as T);
  const [begun, over] = bodies<{ dedup_key: string; event_action: string; client_url?: string }>(
    services.pagerduty.accepted,
  );
  expect([begun?.event_action, over?.event_action]).toEqual(["trigger", "resolve"]);
  expect(over?.dedup_key).toBe(begun?.dedup_key);
  expect(bodies<{ text: string }>(services.slack.accepted).map(({ text }) => text)).toEqual([
    "fra/db-1: node_dead, confirmed, failover is advised",
    "fra/db-1: well again",
  ]);
  expect(services.slack.accepted[0]?.body).toContain("a story &lt;!channel&gt;");
  expect(services.discord.accepted).toHaveLength(2);
  // The page accepts the link of each message.
  const link = new URL(begun?.client_url ?? "");
  const asked = { headers: { accept: "text/html" } };
  expect((await detector.api.ask(link.pathname + link.search, asked)).status).toBe(200);
  const mine = bodies<{ what: string; why: string; over: string; link: string }>(own.taken);
  expect(mine).toMatchObject([
    { what: "fra/db-1: node_dead, confirmed, failover is advised", over: "begins", link: begun?.client_url },
    { what: "fra/db-1: well again", over: "over" },
  ]);
  own.verified(secrets.get("own") ?? "");

  // Refused for good: each message was tried once, and its delivery shows the reason without the key.
  const { deliveries } = await call<{ deliveries: Delivery[] }>("GET", "/v1/webhooks/wrong/deliveries");
  expect(deliveries.map(({ state, attempts, type }) => [state, attempts, type])).toEqual([
    ["dead", 1, "cause"],
    ["dead", 1, "cause"],
  ]);
  const { refused, counts } = await call<WebhookAnswer>("GET", "/v1/webhooks/wrong");
  expect(refused?.error).toBe(`answered 400: {"status":"invalid event"} ${KEY}`);
  expect(counts).toMatchObject({ pending: 0, delivered: 0, failed: 2, dead: 2 });
  const { text } = await detector.api.ask("/v1/webhooks");
  expect(text).not.toMatch(/s3cret|f{32}/);
  expect(detector.log).not.toMatch(/s3cret|f{32}/);
  await Promise.all([...receivers.values(), own].map((receiver) => receiver.down()));
});
