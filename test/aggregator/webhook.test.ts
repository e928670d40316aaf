import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { MAX_ATTEMPTS } from "../../src/webhooks/gap.ts";
import { refuse } from "./receiver.ts";
import { query, reportAll, rpc, shard } from "./scene.ts";
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

describe("a webhook", () => {
  it("is sent every transition after it was made, once each, and none from before", async () => {
    await hook();
    await crash();
    const history = await rpc().history("fra", "db-1", null, 100);
    const since = (history.ok ? history.value.transitions : []).filter(({ sequence }) => sequence > 2);
    expect(since.length).toBeGreaterThan(0);
    await settled({ pending: 0, failed: 0, dead: 0 });
    expect(receiver.told("db-1").toSorted()).toEqual(
      since.map(({ sequence, to }) => `${sequence} ${to}`).toSorted(),
    );
    expect(new Set(receiver.ids).size).toBe(receiver.ids.length);
    expect((await deliveries()).map(({ state }) => state)).toEqual(receiver.ids.map(() => "delivered"));
  });

  it("for failover is sent two messages about a crash and a recovery", async () => {
    await hook("ops", { events: "failover" });
    await crash();
    await reportAll(["fra/db-1"]);
    await settled({ pending: 0, delivered: 2 });
    const advised = receiver.requests.map(
      ({ message }) => message.type === "transition" && message.data.transition.advice.failover,
    );
    expect(new Set(advised)).toEqual(new Set([false, true]));
  });

  it.each([false, true])(
    "is told of a drill's verdicts with the drill's id; advised by them if live: %s",
    async (live) => {
      await hook();
      await crash("fra/db-1", { drill: { id: "drill-0-9", live } });
      await settled({ pending: 0 });
      const told = receiver.requests.flatMap(({ message }) =>
        message.type === "transition" && message.data.transition.to === "process_crashed"
          ? [message.data]
          : [],
      );
      expect(told.length).toBeGreaterThan(0);
      expect(told.map(({ drill }) => drill)).toEqual(told.map(() => "drill-0-9"));
      expect(told.some(({ transition }) => transition.advice.failover)).toBe(live);
      expect(told.some(({ transition }) => transition.advice.routing === "avoid")).toBe(live);
    },
  );

  it("of another site is sent nothing, and costs no row", async () => {
    await hook("ops", { sites: ["ams"] });
    await crash();
    expect(receiver.requests).toEqual([]);
    expect(await query("SELECT * FROM outbox")).toEqual([]);
  });

  it("that is disabled is sent nothing; what waited is given up, and can be replayed once it sends again", async () => {
    receiver.answer = refuse;
    await hook();
    await crash();
    await expect.poll(() => receiver.requests.length).toBeGreaterThan(0);
    await expect.poll(() => receiver.underWay).toBe(0);
    await hook("ops", { disabled: true });
    const before = receiver.requests.length;
    const { dead = 0 } = (await counts()) ?? {};
    expect(dead).toBeGreaterThan(0);
    await reportAll(BOTH);
    await runDurableObjectAlarm(shard());
    expect(receiver.requests.length).toBe(before);
    const [newest] = await deliveries();
    expect(await rpc().replayDelivery("ops", newest?.id ?? "")).toMatchObject({
      refusal: { reason: "conflict" },
    });
    receiver.answer = () => new Response();
    await hook();
    expect(await rpc().replayDelivery("ops", newest?.id ?? "")).toMatchObject({ ok: true });
    await settled({ delivered: 1, dead: dead - 1 });
    expect(receiver.ids.at(-1)).toBe(newest?.id);
  });

  it("that is deleted is forgotten with all its deliveries", async () => {
    await hook();
    await crash();
    await settled({ pending: 0 });
    await rpc().deleteWebhook("ops");
    expect(await query("SELECT * FROM outbox")).toEqual([]);
    await hook();
    expect(await counts()).toMatchObject({ delivered: 0, pending: 0 });
  });

  it("signs with the old secret too for a day after a rotation", async () => {
    await hook();
    await rpc().rotateWebhook("ops", `whsec_${btoa("new secret, 32 bytes long, yes!!")}`);
    await rpc().testWebhook("ops", "a");
    await expect.poll(() => receiver.requests.length).toBe(1);
    setClock(Date.now() + 24 * HOUR + 1);
    await rpc().testWebhook("ops", "b");
    await expect.poll(() => receiver.requests.length).toBe(2);
    expect(receiver.requests.map(({ signature }) => signature.split(" ").length)).toEqual([2, 1]);
  });
});

describe("a receiver", () => {
  it("that is down for an hour loses nothing, and has all of it soon after it is back", async () => {
    await hook();
    receiver.answer = refuse;
    await crash();
    await expect.poll(() => receiver.requests.length).toBeGreaterThan(0);
    await pass(HOUR);
    const waiting = (await deliveries()).length;
    expect(await counts()).toMatchObject({ pending: waiting, delivered: 0, dead: 0 });
    receiver.answer = () => new Response();
    // The next transition finds the receiver back, and the messages that waited follow it. No alarm of the judge has rung in that hour: the
    // judge holds back what comes first for half a second, until the rest of what may have waited is there.
    await reportAll(["fra/db-1"]);
    setClock(Date.now() + 1_000);
    await runDurableObjectAlarm(shard());
    await pass(2 * 60_000);
    const all = await deliveries();
    expect(all.length).toBeGreaterThan(waiting);
    await settled({ pending: 0, delivered: all.length, dead: 0 });
  });

  it("that never comes back has ten attempts made over about a day; then the letters are dead and can be replayed", async () => {
    // When its evidence runs out, the target has transitions too.
    await hook("ops", { sites: ["none"] });
    receiver.answer = refuse;
    const begin = Date.now();
    await rpc().testWebhook("ops", "a");
    await expect.poll(() => receiver.underWay).toBe(0);
    await pass(40 * HOUR);
    expect(receiver.requests.length).toBe(MAX_ATTEMPTS);
    const tookHours = ((receiver.requests.at(-1)?.at ?? 0) - begin) / HOUR;
    expect(tookHours).toBeGreaterThan(18);
    expect(tookHours).toBeLessThan(29);
    const dead = (await rpc().deliveries("ops", "dead", null, 10)).map(({ delivery }) => delivery);
    expect(dead).toMatchObject([
      {
        id: "test-0-a-0",
        type: "test",
        state: "dead",
        attempts: MAX_ATTEMPTS,
        lastError: "the connection failed",
      },
    ]);
    receiver.answer = () => new Response();
    await rpc().replayDelivery("ops", "test-0-a-0");
    await settled({ pending: 0, delivered: 1, dead: 0 });
    expect(new Set(receiver.ids)).toEqual(new Set(["test-0-a-0"]));
  });

  it("that answers 500 and then 200 has the message once, under one id", async () => {
    await hook();
    let asked = 0;
    receiver.answer = () => new Response("busy", { status: asked++ === 0 ? 500 : 200 });
    await rpc().testWebhook("ops", "a");
    await expect.poll(() => receiver.underWay).toBe(0);
    await pass(60_000);
    await settled({ delivered: 1, failed: 1 });
    expect(receiver.ids).toEqual(["test-0-a-0", "test-0-a-0"]);
  });

  it("that asks for time is given it", async () => {
    await hook();
    receiver.answer = () => new Response("", { status: 429, headers: { "Retry-After": "600" } });
    await rpc().testWebhook("ops", "a");
    await settled({ failed: 1 });
    const [delivery] = await deliveries();
    const waitMs = Date.parse(delivery?.nextAttemptAt ?? "") - Date.parse(delivery?.lastAttemptAt ?? "");
    expect(waitMs).toBe(600_000);
  });

  it("that answers 410 is sent nothing more, which its webhook says, until that is put again", async () => {
    await hook();
    receiver.answer = () => new Response("", { status: 410 });
    await crash();
    await expect.poll(async () => (await rpc().webhooks())[0]?.gone).toBe("the receiver answered 410");
    const asked = receiver.requests.length;
    await abortAllDurableObjects();
    await reportAll(["fra/db-1"]);
    await runDurableObjectAlarm(shard());
    expect(receiver.requests.length).toBe(asked);
    expect(await counts()).toMatchObject({ pending: 0 });
    receiver.answer = () => new Response();
    await hook();
    await crash();
    await expect.poll(() => receiver.requests.length).toBeGreaterThan(asked);
  });

  it("that hangs has one request under way, and holds up no other webhook", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    receiver.answer = async ({ url }) => {
      if (url.includes("slow")) await held;
      return new Response();
    };
    for (const id of ["slow-1", "slow-2", "good"]) await hook(id);
    await crash();
    await reportAll(["fra/db-1"]);
    await settled({ pending: 0 }, "good");
    expect(receiver.abreast).toBeLessThanOrEqual(4);
    release();
    for (const id of ["slow-1", "slow-2"]) await settled({ pending: 0 }, id);
  });
});

describe("an object that dies", () => {
  const interrupts = [
    ["aborted", async () => abortAllDurableObjects()],
    ["evicted", async () => evictDurableObject(shard())],
  ] as const;

  it.each(interrupts)(
    "%s between a transition and its delivery sends it afterwards",
    async (_, interrupt) => {
      await hook();
      receiver.answer = refuse;
      await crash();
      await expect.poll(() => receiver.underWay).toBe(0);
      await interrupt();
      receiver.answer = () => new Response();
      await pass(60_000);
      const all = await deliveries();
      await settled({ pending: 0, delivered: all.length });
      const history = await rpc().history("fra", "db-1", null, 100);
      const known = (history.ok ? history.value.transitions : []).map(
        ({ sequence, to }) => `${sequence} ${to}`,
      );
      expect(new Set(receiver.told("db-1"))).toEqual(new Set(known.filter((one) => !/^[12] /.test(one))));
    },
  );

  it("between the answer and its record sends the message again, under the same id", async () => {
    await hook();
    // The receiver has taken the message, but its answer does not arrive before the object is gone.
    receiver.answer = () => new Promise(() => undefined);
    await rpc().testWebhook("ops", "a");
    await expect.poll(() => receiver.requests.length).toBe(1);
    await abortAllDurableObjects();
    receiver.answer = () => new Response();
    receiver.underWay = 0;
    await pass(60_000);
    await settled({ pending: 0, delivered: 1 });
    expect(receiver.ids).toEqual(["test-0-a-0", "test-0-a-0"]);
  });

  it("sends nothing again that it knows to be taken", async () => {
    await hook();
    await crash();
    await settled({ pending: 0 });
    const sent = receiver.ids.length;
    for (const [, interrupt] of interrupts) {
      await interrupt();
      await runDurableObjectAlarm(shard());
      await rpc().health();
    }
    expect(receiver.ids.length).toBe(sent);
  });
});
