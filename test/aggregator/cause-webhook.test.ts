import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../src/domain/webhook.ts";
import { complaintsOf } from "../webhooks/format/services.ts";
import { answerOf, put, query, reportAll, reportWitnesses, rpc, shard } from "./scene.ts";
import {
  BOTH,
  counts,
  crash,
  deliveries,
  hook,
  HOUR,
  pass,
  receiver,
  setClock,
  settled,
  setTheStage,
} from "./webhook-stage.ts";

setTheStage();

const KEY = "0123456789abcdef0123456789abcdef";
const PAGER = "https://events.pagerduty.com/v2/enqueue";
const PAGE = "https://detector.example";

interface Alert {
  event_action: string;
  dedup_key: string;
  payload?: { summary: string; source: string; severity: string };
}

const pager = (changes: Partial<WebhookRequest> = {}) =>
  hook("pager", {
    url: PAGER,
    format: "pagerduty",
    routingKey: KEY,
    page: PAGE,
    events: "verdict",
    ...changes,
  });

/** The target is down for long enough that the webhook is notified. */
const crashed = async (...of: Parameters<typeof crash>): Promise<void> => {
  await crash(...of);
  setClock(Date.now() + 6_000);
  await crash(...of);
};

/** The alerts that PagerDuty received. PagerDuty's rules accept each of them. */
const alerts = (): Alert[] =>
  receiver.requests.map(({ message }) => {
    expect(complaintsOf("pagerduty", message)).toEqual([]);
    return message as unknown as Alert;
  });
const said = (): string[] =>
  alerts().map(({ event_action, payload }) => [event_action, payload?.source].join(" ").trim());

const recover = async (): Promise<void> => {
  for (let round = 0; round < 16; round++) {
    await reportAll(BOTH);
    await reportWitnesses(BOTH);
    setClock(Date.now() + 700);
  }
  expect((await answerOf("fra", "db-1")).verdict).toBe("alive");
};

describe("an alert", () => {
  it("begins with a crash and is resolved under its key, each told once, over the end of the object", async () => {
    await pager();
    await crashed();
    await settled({ pending: 0 }, "pager");
    await abortAllDurableObjects();
    await crashed();
    await settled({ pending: 0 }, "pager");
    expect(said()).toEqual(["trigger fra/db-1"]);
    await recover();
    await settled({ pending: 0, delivered: 2, dead: 0 }, "pager");
    expect(said()).toEqual(["trigger fra/db-1", "resolve"]);
    expect(new Set(alerts().map(({ dedup_key }) => dedup_key)).size).toBe(1);
    expect(
      (await deliveries("pager")).map(({ type, site, target, state }) => [type, site, target, state]),
    ).toEqual([
      ["cause", "fra", "db-1", "delivered"],
      ["cause", "fra", "db-1", "delivered"],
    ]);
  });

  it("of what lasts is made by the alarm where nothing more is reported", async () => {
    await pager();
    await crash();
    expect(receiver.requests).toEqual([]);
    setClock(Date.now() + 6_000);
    await runDurableObjectAlarm(shard());
    await settled({ pending: 0, delivered: 1 }, "pager");
    expect(said()).toEqual(["trigger fra/db-1"]);
  });

  it("is resolved after the object's end although its receiver was down when the trouble was over", async () => {
    await pager();
    await crashed();
    await settled({ pending: 0, delivered: 1 }, "pager");
    receiver.answer = () => new Response(null, { status: 503 });
    await recover();
    await expect.poll(() => said().at(-1)).toBe("resolve");
    await expect.poll(() => receiver.underWay).toBe(0);
    await abortAllDurableObjects();
    receiver.answer = () => new Response(null, { status: 202 });
    await pass(HOUR, "pager");
    await settled({ pending: 0, delivered: 2 }, "pager");
    expect(said().at(-1)).toBe("resolve");
  });

  it("that was not taken is not sent any more once it is over: nobody is woken for what is past", async () => {
    await pager();
    receiver.answer = () => new Response(null, { status: 503 });
    await crashed();
    await expect.poll(() => receiver.requests.length).toBe(1);
    await expect.poll(() => receiver.underWay).toBe(0);
    await recover();
    const before = receiver.requests.length;
    receiver.answer = () => new Response(null, { status: 202 });
    await pass(HOUR, "pager");
    await settled({ pending: 0, delivered: 1, dead: 1 }, "pager");
    expect(said().slice(before)).toEqual(["resolve"]);
    expect((await deliveries("pager")).find(({ state }) => state === "dead")).toMatchObject({
      lastError: "not sent any more: a newer message about the same took its place",
    });
  });

  it("that PagerDuty refuses is not tried again, and the list says why without its key", async () => {
    await pager();
    receiver.answer = () =>
      Response.json({ status: "invalid event", errors: [`'routing_key' ${KEY} is wrong`] }, { status: 400 });
    await crashed();
    await settled({ pending: 0, failed: 1, dead: 1 }, "pager");
    await pass(HOUR, "pager");
    expect(receiver.requests).toHaveLength(1);
    const [delivery] = await deliveries("pager");
    expect(delivery).toMatchObject({ state: "dead", lastStatus: 400, attempts: 1 });
    const error = `answered 400: {"status":"invalid event","errors":["'routing_key' *** is wrong"]}`;
    expect(delivery?.lastError).toBe(error);
    expect((await counts("pager"))?.refused?.error).toBe(error);
    await abortAllDurableObjects();
    expect((await counts("pager"))?.refused?.error).toBe(error);
    receiver.answer = () => new Response(null, { status: 202 });
    await rpc().testWebhook("pager", "a");
    await settled({ pending: 0, delivered: 1 }, "pager");
    expect((await counts("pager"))?.refused).toBeUndefined();
  });

  it("of a muted target is none; once the mute has ended it begins, as the target is down still", async () => {
    await pager();
    const until = new Date(Date.now() + 60_000).toISOString();
    await rpc().putMute("works", { site: "fra", target: "db-1", until, reason: "works" });
    await crashed();
    await reportAll(["fra/db-2"]);
    expect(receiver.requests).toEqual([]);
    setClock(Date.now() + 61_000);
    await crashed();
    await settled({ pending: 0 }, "pager");
    expect(said()).toEqual(["trigger fra/db-1"]);
  });

  it.each([false, true])("of a drill begins if that is live: %s", async (live) => {
    await pager();
    await crashed("fra/db-1", { drill: { id: "drill-0-9", live } });
    await settled({ pending: 0 }, "pager");
    expect(said()).toEqual(live ? ["trigger fra/db-1"] : []);
    if (live) expect(alerts()[0]?.payload?.summary).toMatch(/^Drill drill-0-9: fra\/db-1: /);
  });

  it("is told anew where the webhook leads elsewhere, and what waited is not sent there", async () => {
    await pager();
    receiver.answer = () => new Response(null, { status: 503 });
    await crashed();
    await expect.poll(() => receiver.underWay).toBe(0);
    receiver.answer = () => new Response(null, { status: 200 });
    await hook("pager", { url: "https://hooks.slack.example/x", format: "slack", page: PAGE });
    const before = receiver.requests.length;
    await crashed();
    await settled({ pending: 0, delivered: 1, dead: 1 }, "pager");
    expect(receiver.requests.slice(before).map(({ url }) => url)).toEqual(["https://hooks.slack.example/x"]);
    await hook("pager", {});
    await recover();
    await settled({ pending: 0, dead: 1 }, "pager");
    expect(receiver.requests.slice(before + 1).map(({ message }) => message.type)).not.toContain("note");
  });

  it("ends with its target", async () => {
    await pager();
    await crashed();
    await settled({ pending: 0, delivered: 1 }, "pager");
    await rpc().deleteTarget("fra", "db-1", null);
    await reportAll(["fra/db-2"]);
    await settled({ pending: 0, delivered: 2 }, "pager");
    expect(said()).toEqual(["trigger fra/db-1", "resolve"]);
  });
});

describe("a site that falls", () => {
  const FALLEN = ["ams/web-1", "ams/web-2", "ams/web-3"];
  const SILENT = { outcome: "connect_timeout", stage: "connect", totalMs: 2_000 } as const;
  beforeEach(async () => {
    for (const key of FALLEN) await put("ams", key.split("/")[1] ?? "");
    for (let round = 0; round < 3; round++) {
      await reportAll([...FALLEN, ...BOTH]);
      setClock(Date.now() + 500);
    }
  });

  it("is one message, and one when it is over, whatever happens between", async () => {
    await hook("chat", { format: "slack", url: "https://hooks.slack.example/T/B/x", page: PAGE });
    for (let round = 0; round < 4; round++) {
      await reportAll(FALLEN, SILENT);
      await reportAll(BOTH);
      setClock(Date.now() + 500);
    }
    await settled({ pending: 0 }, "chat");
    await abortAllDurableObjects();
    for (let round = 0; round < 16; round++) {
      await reportAll([...FALLEN, ...BOTH]);
      setClock(Date.now() + 700);
    }
    await settled({ pending: 0 }, "chat");
    const texts = receiver.requests.map(({ message }) => {
      expect(complaintsOf("slack", message)).toEqual([]);
      return (message as unknown as { text: string }).text;
    });
    expect(texts).toEqual(["ams: the whole site fell, 3 targets", "ams: 3 targets, well again"]);
    for (const { id, signature } of receiver.requests) expect([id, signature]).toEqual(["", ""]);
  });
});

describe("what is masked", () => {
  const SECRET_URL = "https://hooks.slack.example/services/T000/B000/s3cret";
  const stored = async () => (await rpc().webhooks())[0];

  it("may be put again as it is shown, and keeps what it stands for", async () => {
    await hook("ops", { url: SECRET_URL, format: "slack", page: PAGE });
    const again = await hook("ops", { url: "https://hooks.slack.example/***", format: "slack", page: PAGE });
    expect(again.ok).toBe(true);
    expect((await stored())?.url).toBe(SECRET_URL);
    await pager();
    expect((await pager({ routingKey: "***" })).ok).toBe(true);
    expect((await rpc().webhooks()).find(({ id }) => id === "pager")?.routingKey).toBe(KEY);
  });

  it.each<[string, Partial<WebhookRequest>, Partial<WebhookRequest> | null, string]>([
    ["an address never given", { url: "https://hooks.slack.example/***", format: "slack" }, null, "url"],
    [
      "an address elsewhere",
      { url: "https://other.example/***", format: "slack" },
      { url: SECRET_URL, format: "slack" },
      "url",
    ],
    [
      "an address that would then be shown",
      { url: "https://hooks.slack.example/***" },
      { url: SECRET_URL, format: "slack" },
      "url",
    ],
    [
      "an address given for another service",
      { url: "https://hooks.slack.example/***", format: "discord" },
      { url: SECRET_URL, format: "slack" },
      "url",
    ],
    ["a mask where nothing is masked", { url: "https://hooks.slack.example/***" }, null, "url"],
    [
      "a mask where the address was never secret",
      { url: "https://hooks.slack.example/***" },
      { url: SECRET_URL },
      "url",
    ],
    ["a key never given", { url: PAGER, format: "pagerduty", routingKey: "***" }, null, "routingKey"],
    [
      "a key that would go elsewhere",
      { url: "https://evil.example/v2/enqueue", format: "pagerduty", routingKey: "***" },
      { url: PAGER, format: "pagerduty", routingKey: KEY },
      "routingKey",
    ],
  ])("is refused where it stands for %s", async (_, request, before, field) => {
    if (before !== null) await hook("ops", before);
    expect(await hook("ops", request)).toMatchObject({
      ok: false,
      refusal: { reason: "invalid", path: field },
    });
  });

  it("is in no line of the audit", async () => {
    const requests: WebhookRequest[] = [
      { url: SECRET_URL, format: "slack", events: "all", disabled: false },
      { url: PAGER, format: "pagerduty", routingKey: KEY, events: "all", disabled: false },
      {
        url: SECRET_URL,
        format: "generic-template",
        template: '{"token": "s3cret"}',
        events: "all",
        disabled: false,
      },
    ];
    for (const [index, request] of [...requests, ...requests].entries()) {
      const asked = { by: "anna", what: "PUT /v1/webhooks/x", request: `r-${index}` };
      await rpc().audited(asked, "putWebhook", ["x", request, "whsec_s3cret"]);
    }
    const lines = JSON.stringify(await query("SELECT * FROM audit"));
    expect(lines).toContain("pagerduty");
    expect(lines).not.toMatch(new RegExp(`s3cret|${KEY}`));
  });
});
