import { afterAll, beforeAll, expect, test } from "vitest";
import type { NewToken } from "../../src/domain/token.ts";
import type { NewVantage } from "../../src/domain/vantage.ts";
import type { NewWebhook } from "../../src/domain/webhook.ts";
import type { EventClient } from "./event-client.ts";
import type { Asked } from "./operations.ts";
import { VANTAGES } from "../../harness/world/launch.ts";
import { ALIVE_WITHIN_MS, CHECKS, SITES, sitesIn, Spread, TARGET, toldTo } from "./spread.ts";

// The answer of each call while the object of one of three shards does not answer.

const [FIRST = "", MUTED = "", LAST = ""] = SITES;

let spread: Spread;
let resumed: EventClient;
beforeAll(async () => {
  spread = await Spread.start();
  await spread.watch();
  await spread.alive(VANTAGES.length);
  resumed = await spread.stream();
  await spread.detector.api.ask("/mute?shard=1");
});
afterAll(() => spread?.stop());

const node = { target: "db-1" };
const unavailable = async (operation: string, asked: Asked = {}): Promise<void> => {
  const { text } = await spread.operations.ask(operation, { ...asked, status: 503 });
  expect(text, operation).toContain("shard 1 did not answer");
};

test("health and metrics name it, and tell the rest", async () => {
  await spread.soon("health", async () => !(await spread.isWell()));
  const { reasons, shards } = await spread.health();
  expect(reasons).toEqual(["shard 1 does not answer"]);
  expect(shards.map(({ shard }) => shard)).toEqual([0, 2]);
  const { text } = await spread.operations.ask("GET /v1/metrics");
  expect(text).toContain('parallax_shard_up{shard="1"} 0');
  expect(sitesIn(text)).toEqual([FIRST, LAST]);
});

test("its own sites: 503, and checks the safe answer", async () => {
  const asked = { site: MUTED, ...node };
  for (const path of ["", "/verdict", "/history"]) await unavailable(`GET ${TARGET}${path}`, asked);
  await unavailable("GET /v1/sites/{site}/targets", asked);
  for (const [check, status] of Object.entries(CHECKS))
    await spread.operations.ask(`GET ${TARGET}/${check}`, { ...asked, status });
});

test("the sites of the others: as ever", async () => {
  for (const site of [FIRST, LAST]) {
    await spread.operations.ask(`GET ${TARGET}/verdict`, { site, ...node });
    for (const [check, status] of Object.entries(CHECKS))
      await spread.operations.ask(`GET ${TARGET}/${check}`, { site, ...node, status });
    for (const path of ["/v1/verdicts", "/v1/avoid", "/v1/sd", "/v1/metrics", "/v1/export/gdnsd"])
      await spread.operations.ask(`GET ${path}`, { query: `?site=${site}` });
  }
});

test("lists of all: 503, as half a list looks whole; with a token of the others' sites, theirs", async () => {
  const lists = ["/v1/sites", "/v1/verdicts", "/v1/sd", "/v1/avoid", "/v1/export/gdnsd"];
  for (const path of lists) await unavailable(`GET ${path}`);
  for (const path of ["/v1/vantages", "/v1/drills", "/v1/webhooks"]) await unavailable(`GET ${path}`);
  const body = { scope: "read", sites: [FIRST, LAST] };
  const { token, id } = await spread.operations.json<NewToken>("POST /v1/tokens", { body });
  for (const path of lists) await spread.operations.ask(`GET ${path}`, { token });
  await spread.operations.ask("DELETE /v1/tokens/{id}", { id });
});

test("a stream that stands goes on with what the others tell, and resumes", async () => {
  const before = resumed.transitions.length;
  await spread.move(FIRST);
  await spread.soon("the first's", () => resumed.transitions.length > before);
  resumed.cut();
  await spread.move(LAST);
  await resumed.connect();
  await spread.soon("the last's", () => resumed.transitions.length > before + 1);
  expect(resumed.transitions.slice(before).map((name) => name.split(" ")[0])).toEqual([
    `op-${FIRST}`,
    `op-${LAST}`,
  ]);
});

test("a drill of another shard ends", async () => {
  const body = { site: LAST, fault: "error", durationMs: 60_000 };
  const { id } = await spread.operations.json<{ id: string }>("POST /v1/drills", { body });
  await spread.operations.ask("DELETE /v1/drills/{id}", { id, status: 204 });
  await unavailable("DELETE /v1/drills/{id}", { id: "drill-1-1" });
});

test("what is shown once is shown, though the mute one learns of it later", async () => {
  const receiver = await spread.receive();
  const id = "once";
  const made = await spread.operations.json<NewWebhook>("PUT /v1/webhooks/{id}", {
    id,
    body: { url: receiver.url },
  });
  const rotated = await spread.operations.json<NewWebhook>("POST /v1/webhooks/{id}/rotate", { id });
  expect(rotated.secret).not.toBe(made.secret);
  const vantage = { id: "nbg-1", region: "nbg-1", provider: "other", sites: "all" as const };
  const { token } = await spread.operations.json<NewVantage>("POST /v1/vantages", { body: vantage });
  await spread.detector.api.ask("/unmute");
  await spread.soon("the mute one's word", async () => {
    const body = { shard: 1, version: 0 };
    const { status, text } = await spread.detector.api.ask("/v1/observations", {
      method: "POST",
      body,
      token,
    });
    return status === 200 && text.includes('"assignment"');
  });
  await spread.soon("health", () => spread.isWell(), ALIVE_WITHIN_MS);
  const moved = await spread.moveAll();
  await spread.soon("all transitions", () => moved.every((name) => toldTo(receiver).includes(name)));
  // Messages that a shard sends before it knows of the rotation have only the first secret's signature, so only the newest are verified.
  const after = receiver.taken.slice(-moved.length);
  expect(receiver.verified(rotated.secret, after)).toHaveLength(moved.length);
  await spread.soon("all events", () => moved.every((name) => resumed.transitions.includes(name)));
  await spread.operations.ask("DELETE /v1/webhooks/{id}", { id });
  await spread.operations.ask("DELETE /v1/vantages/{id}", { id: "nbg-1" });
});
