import { abortAllDurableObjects, reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { AUDITED, type Audited, type AuditEntry } from "../../src/domain/audit.ts";
import { toInstant } from "../../src/domain/instant.ts";
import type { TokenAnswer } from "../../src/domain/token.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";
import { forget, query, rpc } from "./scene.ts";

beforeEach(async () => {
  await reset();
  forget();
});

const SECRET = "hush-hush";
const TOKEN: TokenAnswer = { id: "t-1", scope: "read", createdAt: "2026-11-22T18:30:00.000Z" };
const TARGET = completeTarget(
  TargetSchema.parse({ url: "http://127.0.0.1/", headers: { authorization: `Bearer ${SECRET}` } }),
);
const HOOK = { url: `https://hooks.example/${SECRET}`, events: "all", disabled: false } as const;
const VANTAGE = { id: "lab-1", kind: "remote", region: "hel", provider: "own", sites: ["fra"] };
const JOIN = { join: "j-1", kind: "agent", sites: ["fra"] };
const TRADE = {
  ...JOIN,
  site: "fra",
  target: "db-1",
  code: SECRET,
  nonce: SECRET,
  hash: SECRET,
  token: { ...TOKEN, id: "t-4", scope: "notify" },
};
const drillId = async (): Promise<string> => (await rpc().listDrills(null))[0]?.id ?? "";

/** Every call that is audited, in an order in which each changes something. */
const CALLS: [Audited, () => unknown[] | Promise<unknown[]>][] = [
  ["putTarget", () => ["fra", "db-1", TARGET, null]],
  ["putTarget", () => ["fra", "db-1", { ...TARGET, intervalMs: 10_000 }, null]],
  ["putOverride", () => ["fra", "db-1", { verdict: "gray", reason: "works", ttlMs: 60_000 }]],
  ["deleteOverride", () => ["fra", "db-1"]],
  ["startDrill", () => [{ site: "fra", fault: "hang", durationMs: 60_000, live: false }]],
  ["stopDrill", async () => [await drillId()]],
  ["addToken", () => [TOKEN, SECRET]],
  ["rotateToken", () => ["t-1", `${SECRET}2`, 0]],
  ["deleteToken", () => ["t-1"]],
  ["addVantage", () => [VANTAGE, { ...TOKEN, id: "t-2", scope: "vantage", vantage: "lab-1" }, SECRET]],
  ["rotateVantage", () => ["lab-1", { ...TOKEN, id: "t-3", scope: "vantage", vantage: "lab-1" }, SECRET]],
  ["deleteVantage", () => ["lab-1"]],
  ["addJoin", () => [JOIN, 60_000, SECRET]],
  ["tradeJoin", () => [TRADE]],
  ["deleteJoin", () => ["j-1"]],
  ["putWebhook", () => ["hook", HOOK, SECRET]],
  ["testWebhook", () => ["hook", "once"]],
  ["replayDelivery", async () => ["hook", (await rpc().deliveries("hook", null, null, 1))[0]?.delivery.id]],
  ["rotateWebhook", () => ["hook", SECRET]],
  ["deleteWebhook", () => ["hook"]],
  ["putMute", () => ["quiet", { site: "fra", until: toInstant(Date.now() + 60_000), reason: "works" }]],
  ["deleteMute", () => ["quiet"]],
  ["deleteTarget", () => ["fra", "db-1", null]],
];

const lines = async (): Promise<AuditEntry[]> =>
  (await rpc().auditBefore({ since: null, until: null, before: null, limit: 100 })).entries.map(
    ({ entry }) => entry,
  );

const ask = (call: Audited, args: unknown[], request = crypto.randomUUID() as string) =>
  rpc().audited({ by: "t-admin", what: call, request }, call, args);

describe("the audit", () => {
  it("has one line for each change, without a secret, and outlives the object", async () => {
    for (const [call, argsOf] of CALLS) expect(await ask(call, await argsOf())).toMatchObject({ ok: true });
    await abortAllDurableObjects();
    const kept = await lines();
    expect(kept.map(({ what }) => what)).toEqual(CALLS.map(([call]) => call).toReversed());
    expect(new Set(kept.map(({ by }) => by))).toEqual(new Set(["t-admin"]));
    expect(new Set(CALLS.map(([call]) => call))).toEqual(new Set(AUDITED));
    expect(JSON.stringify(await query("SELECT * FROM audit"))).not.toContain(SECRET);
    const of = (call: Audited) => kept.filter(({ what }) => what === call).toReversed();
    expect(of("putTarget")).toMatchObject([
      { before: null, after: { url: TARGET.url, intervalMs: TARGET.intervalMs } },
      { before: { intervalMs: TARGET.intervalMs }, after: { intervalMs: 10_000 } },
    ]);
    expect(of("putOverride")).toMatchObject([{ before: null, after: { reason: "works", by: "t-admin" } }]);
    expect(of("deleteOverride")).toMatchObject([{ before: { reason: "works" }, after: null }]);
    expect(of("startDrill")).toMatchObject([{ before: null, after: { fault: "hang", by: "t-admin" } }]);
    expect(of("putMute")).toMatchObject([{ before: null, after: { site: "fra", by: "t-admin" } }]);
    expect(of("deleteMute")).toMatchObject([{ before: { reason: "works" }, after: null }]);
    expect(of("deleteToken")).toMatchObject([{ before: { id: "t-1", scope: "read" }, after: null }]);
    expect(of("tradeJoin")).toMatchObject([
      { before: { join: "j-1", state: "open" }, after: { state: "used", token: "t-4" } },
    ]);
    expect(of("putWebhook")).toMatchObject([{ after: { id: "hook", url: "https://hooks.example/…" } }]);
  });

  it("says which secret of a target was replaced by another, and not by which", async () => {
    const put = (headers: Record<string, string>) =>
      ask("putTarget", ["fra", "db-1", { ...TARGET, headers }, null]);
    await put({ one: "a", two: "b" });
    await put({ one: `${SECRET}`, two: "***", three: "c" });
    const [{ before, after } = { before: null, after: null }] = await lines();
    expect(before).toMatchObject({ headers: { one: "***", two: "***" } });
    expect(after).toMatchObject({ headers: { one: "*** (changed)", two: "***", three: "***" } });
  });

  it("has none for what was refused, and one for what was asked again since its answer was lost", async () => {
    expect(await ask("deleteTarget", ["fra", "db-1", null])).toMatchObject({ ok: false });
    for (let time = 0; time < 2; time++)
      expect(await ask("putTarget", ["fra", "db-1", TARGET, null], "the same")).toMatchObject({ ok: true });
    expect(await lines()).toHaveLength(1);
  });

  it("is told page by page and between two instants", async () => {
    for (let n = 1; n <= 5; n++) await ask("putTarget", ["fra", `db-${n}`, TARGET, null]);
    const page = (before: string | null) => rpc().auditBefore({ since: null, until: null, before, limit: 2 });
    const [first, names] = [await page(null), [] as string[]];
    for (let one = first; ; one = await page(one.next)) {
      names.push(...one.entries.map(({ entry }) => (entry.after as { target: string }).target));
      if (one.next === null) break;
    }
    expect(names).toEqual(["db-5", "db-4", "db-3", "db-2", "db-1"]);
    const none = { before: null, limit: 10 };
    expect((await rpc().auditBefore({ ...none, since: Date.now() + 1_000, until: null })).entries).toEqual(
      [],
    );
    expect((await rpc().auditBefore({ ...none, since: null, until: 0 })).entries).toEqual([]);
  });

  it("names who gave an operator's word, and who asked for a drill, beside the transition that followed", async () => {
    await ask("putTarget", ["fra", "db-1", TARGET, null]);
    await ask("putOverride", ["fra", "db-1", { verdict: "gray", reason: "works", ttlMs: 60_000 }]);
    const history = await rpc().history("fra", "db-1", null, 1);
    expect(history).toMatchObject({ value: { transitions: [{ to: "gray", by: "t-admin" }] } });
  });
});
