import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Channels } from "../../src/probe/channel.ts";
import { startProbe, type Wire } from "../../src/probe/probe.ts";
import { answering, clock, KEY, MARKS, probe, throwing } from "./by-name.ts";
import { connectionLost, fakeDial, type FakePeer, internalError, silentFetch } from "./fakes.ts";
import { nodeWire, provenChannels } from "./wire.ts";

const unhandled: unknown[] = [];
const count = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on("unhandledRejection", count));
afterAll(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", count);
  expect(unhandled).toEqual([]);
});

describe("an HTTP probe on Workers", () => {
  test.each<[string, FakePeer, Wire["fetch"], string]>([
    ["a crash", "turnsAway", throwing(connectionLost), "refused/connect"],
    ["a reset", "accepts", throwing(connectionLost), "reset/response"],
    ["an unknown name", "turnsAway", throwing(internalError), "dns_failure/connect"],
    ["a hang", "accepts", silentFetch, "response_timeout/response"],
    ["dropped packets", "drops", silentFetch, "connect_timeout/connect"],
    ["a break of who then falls silent", "drops", throwing(connectionLost), "reset/unknown"],
    [
      "a URL turned down",
      "accepts",
      throwing(() => new TypeError("Fetch API cannot load")),
      "blocked/connect",
    ],
    ["our own cap", "accepts", throwing(() => new Error("Too many subrequests.")), "blocked/connect"],
  ])("finds %s", async (_, peer, fetch, expected) => {
    const { finding, open } = probe(peer, fetch);
    const { outcome, stage, totalMs } = await finding;
    expect(`${outcome}/${stage}`).toBe(expected);
    expect(totalMs).toBeLessThanOrEqual(2_200);
    await expect.poll(() => open()).toBe(0);
  });

  test("takes no rejected connect for a refusal where none has ever worked", async () => {
    const { finding } = probe("turnsAway", throwing(connectionLost), { channels: new Channels() });
    expect(await finding).toMatchObject({ outcome: "reset", stage: "unknown" });
  });

  test("learns in health that the channel works, and then believes it", async () => {
    const channels = new Channels();
    for (let probes = 0; probes < 5; probes++) {
      const healthy = probe("accepts", answering(200, "ok", {}), { channels });
      expect(await healthy.finding).toMatchObject({ outcome: "ok", connectMs: expect.any(Number) });
      expect(healthy.dials()).toBe(1);
    }
    const later = probe("accepts", answering(200, "ok", {}), { channels });
    expect((await later.finding).outcome).toBe("ok");
    expect(later.dials()).toBe(0);
    const crashed = probe("turnsAway", throwing(connectionLost), { channels });
    expect(await crashed.finding).toMatchObject({ outcome: "refused", stage: "connect" });
  });

  test("learns nothing from a target that is not well", async () => {
    const channels = new Channels();
    await probe("accepts", answering(500, "oops", {}), { channels }).finding;
    expect(channels.proven(KEY)).toBe(false);
    expect(channels.claim(KEY, clock.now())).toBe(true);
  });

  test("learns that a channel fails when raw connects are dropped in health, without waiting long", async () => {
    const channels = provenChannels();
    const { finding } = probe("drops", answering(200, "ok", {}), { channels, timeoutMs: 5_000 });
    const begin = clock.now();
    expect((await finding).outcome).toBe("ok");
    expect(clock.now() - begin).toBeLessThan(2_500);
    expect(channels.get(KEY)).toMatchObject({ proven: false, misses: 1 });
  });
});

describe("an HTTPS probe on Workers", () => {
  const secure = { url: "https://db.example/", channels: provenChannels("db.example:443") };
  test("tells a failed handshake from a reset by a second raw connect, with TLS", async () => {
    const bad = probe((tls) => (tls ? "turnsAway" : "accepts"), throwing(internalError), secure);
    expect(await bad.finding).toMatchObject({ outcome: "tls_failure", stage: "tls" });
    const good = probe("accepts", throwing(connectionLost), secure);
    expect(await good.finding).toMatchObject({ outcome: "reset", stage: "response" });
    const hangsUp = probe((tls) => (tls ? "turnsAway" : "hangsUp"), throwing(internalError), secure);
    expect(await hangsUp.finding).toMatchObject({ outcome: "reset", stage: "response" });
  });

  test.each<[string, FakePeer, FakePeer, string]>([
    ["a failed handshake", "turnsAway", "accepts", "tls_failure/tls"],
    ["a connection closed before it", "turnsAway", "hangsUp", "reset/tls"],
    ["a crash", "turnsAway", "turnsAway", "refused/connect"],
    ["a handshake unanswered", "drops", "accepts", "response_timeout/tls"],
    ["dropped packets", "drops", "drops", "connect_timeout/connect"],
  ])("of a literal address finds %s by a plain connect beside it", async (_, withTls, plain, expected) => {
    const { finding, open } = probe((tls) => (tls ? withTls : plain), silentFetch, {
      url: "https://192.0.2.1/",
      channels: new Channels(),
    });
    const { outcome, stage } = await finding;
    expect(`${outcome}/${stage}`).toBe(expected);
    await expect.poll(() => open()).toBe(0);
  });
});

describe("a TCP probe on Workers", () => {
  test("asks by fetch whether a name that was turned away exists at all", async () => {
    const url = "tcp://db.example:5432";
    const crashed = probe("turnsAway", throwing(connectionLost), { url });
    expect(await crashed.finding).toMatchObject({ outcome: "refused", connectMs: expect.any(Number) });
    const unknown = probe("turnsAway", throwing(internalError), { url });
    expect(await unknown.finding).toMatchObject({ outcome: "dns_failure", stage: "connect" });
    const edge = probe("turnsAway", answering(530, "error code: 1016", MARKS), { url });
    expect(await edge.finding).toMatchObject({ outcome: "dns_failure" });
    const other = probe("turnsAway", answering(521, "error code: 521", MARKS), { url });
    expect(await other.finding).toMatchObject({ outcome: "refused" });
    const silent = probe("turnsAway", silentFetch, { url });
    expect(await silent.finding).toMatchObject({ outcome: "refused" });
  });
});

describe("a fresh look by name on Workers", () => {
  const fresh = { fresh: true };
  const served = answering(200, "ok", {});

  test("makes a new connection, and asks nobody else where that is served", async () => {
    const fetch = vi.fn(served);
    const { finding, dials } = probe("serves", fetch, fresh);
    expect(await finding).toMatchObject({ outcome: "ok", stage: "done", connectMs: expect.any(Number) });
    expect([dials(), fetch.mock.calls.length]).toEqual([1, 0]);
  });

  test.each<[FakePeer, string]>([
    ["turnsAway", "app_error/connect"],
    ["drops", "app_error/connect"],
    // The kernel accepts the connection, and the node never serves it.
    ["accepts", "app_error/response"],
    ["hangsUp", "app_error/response"],
  ])("of a node that %s while an old connection is served finds %s", async (peer, expected) => {
    const { finding, stage, open } = probe(peer, served, { ...fresh, timeoutMs: 1_500 });
    const found = await finding;
    expect(`${found.outcome}/${found.stage}`).toBe(expected);
    expect(found.detail).toContain("an old one is");
    expect(stage()).toBe(found.stage);
    await expect.poll(() => open()).toBe(0);
  });

  test.each<[FakePeer, Wire["fetch"], string]>([
    ["turnsAway", throwing(connectionLost), "refused/connect"],
    ["turnsAway", throwing(internalError), "dns_failure/connect"],
    ["hangsUp", throwing(connectionLost), "reset/response"],
    ["drops", silentFetch, "connect_timeout/connect"],
    ["accepts", silentFetch, "response_timeout/response"],
  ])(
    "of a node that %s to old and new alike finds what a look by fetch does",
    async (peer, fetch, expected) => {
      const { finding } = probe(peer, fetch, { ...fresh, timeoutMs: 1_500 });
      const { outcome, stage } = await finding;
      expect(`${outcome}/${stage}`).toBe(expected);
    },
  );

  test("believes fetch where no raw connect has ever worked, and where the name has moved behind Cloudflare", async () => {
    const unproven = probe("turnsAway", served, { ...fresh, channels: new Channels() });
    expect((await unproven.finding).outcome).toBe("ok");
    const channels = provenChannels(KEY);
    const moved = probe("turnsAway", answering(200, "ok", MARKS), { ...fresh, channels });
    expect((await moved.finding).outcome).toBe("ok");
    expect(channels.proven(KEY)).toBe(false);
  });
});

test("an old connection that was closed just as it was used again is no finding, if a new one is served", async () => {
  const raced = probe("serves", throwing(connectionLost));
  expect(await raced.finding).toMatchObject({ outcome: "ok", stage: "done" });
  const broken = probe("hangsUp", throwing(connectionLost));
  expect(await broken.finding).toMatchObject({ outcome: "reset", stage: "response" });
});

describe("what was silent the last time", () => {
  const SHORT = { timeoutMs: 60_000, connectWithinMs: 100, wasSilent: true };

  test("is asked for a raw connection first, and where none comes is given up", async () => {
    const fetch = vi.fn(silentFetch);
    const { finding } = probe("drops", fetch, SHORT);
    const { outcome, stage, totalMs } = await finding;
    expect([outcome, stage, fetch.mock.calls.length]).toEqual(["connect_timeout", "connect", 0]);
    expect(totalMs).toBeLessThan(60_000);
  });

  test.each<FakePeer>(["accepts", "turnsAway"])("is asked as ever by a host that %s", async (peer) => {
    const { finding } = probe(peer, answering(200, "ok", {}), SHORT);
    expect(await finding).toMatchObject({ outcome: "ok", stage: "done" });
  });

  test.each([
    { case: "where no raw connect is known to work", channels: new Channels() },
    { case: "where the connection is given all of the timeout", timeoutMs: 300, connectWithinMs: 300 },
    { case: "where it answered the last time", wasSilent: false },
  ])("is asked at once $case", async (row) => {
    const { case: _, ...changes } = row;
    const { finding } = probe("drops", answering(200, "ok", {}), { ...SHORT, ...changes });
    expect((await finding).outcome).toBe("ok");
  });
});

describe("the stage of a probe under way", () => {
  /** How long a probe runs before it is reported as pending. */
  const PENDING_MS = 1_000;

  test.each<[FakePeer, "proven" | "not proven", string]>([
    ["accepts", "proven", "response"],
    ["accepts", "not proven", "response"],
    ["drops", "proven", "connect"],
    ["drops", "not proven", "unknown"],
  ])("before it is reported pending, of a host that %s (channel %s), is %s", async (peer, known, stage) => {
    const channels = known === "proven" ? provenChannels(KEY) : new Channels();
    // Another probe holds the turn for a check in health, so this probe makes its raw connect only once it is silent.
    channels.claim("other:1", clock.now());
    const running = probe(peer, silentFetch, { channels, timeoutMs: 3_000 });
    expect(running.stage()).toBe("unknown");
    expect(running.dials()).toBe(0);
    await clock.turn(PENDING_MS);
    expect([running.dials(), running.stage()]).toEqual([1, stage]);
    await running.finding;
    await expect.poll(() => running.open()).toBe(0);
  });

  test("is not looked at while the probe answers quickly", async () => {
    const quick = probe("accepts", answering(200, "ok", {}));
    await quick.finding;
    expect(quick.dials()).toBe(0);
  });
});

describe("the one connection kept for autopsies", () => {
  test("holds no finding up when it never becomes free", async () => {
    const stuck: Wire["autopsy"] = () => new Promise(() => undefined);
    for (const fetch of [throwing(connectionLost), silentFetch]) {
      const { finding, dials } = probe("accepts", fetch, { autopsy: stuck, timeoutMs: 500 });
      const { outcome, totalMs } = await finding;
      expect(["reset", "connect_timeout"]).toContain(outcome);
      expect(totalMs).toBeLessThan(2_000);
      // The new connection beside a silent probe is not one for autopsies.
      expect(dials()).toBe(1);
    }
  });

  test("is given up by a probe that has ended before its turn", async () => {
    let turn = (): void => undefined;
    const free = new Promise<void>((resolve) => (turn = resolve));
    const queued: Wire["autopsy"] = async (task) => {
      await free;
      return task();
    };
    const { finding, dials } = probe("accepts", silentFetch, { autopsy: queued, timeoutMs: 500 });
    await finding;
    turn();
    await new Promise((resolve) => setImmediate(resolve));
    expect(dials()).toBe(1);
  });

  test("may fail without harm", async () => {
    const rejects: Wire["autopsy"] = () => Promise.reject(new Error("no"));
    const throws: Wire["autopsy"] = () => {
      throw new Error("no");
    };
    for (const autopsy of [rejects, throws]) {
      const broken = probe("accepts", throwing(connectionLost), { autopsy });
      expect((await broken.finding).outcome).toBe("reset");
      const silent = probe("accepts", silentFetch, { autopsy });
      expect((await silent.finding).outcome).toBe("connect_timeout");
    }
  });
});

describe("an answer that Cloudflare gives in a target's stead", () => {
  const edge = answering(521, "error code: 521", MARKS);
  test("is its word on the origin, or the proxy's where the target itself is behind Cloudflare", async () => {
    const plain = await probe("accepts", edge).finding;
    expect(plain).toMatchObject({ outcome: "refused", stage: "connect" });
    expect(plain).not.toHaveProperty("proxied");
    const channels = new Channels();
    await probe("turnsAway", answering(200, "ok", MARKS), { channels }).finding;
    const behind = await probe("turnsAway", edge, { channels }).finding;
    expect(behind).toMatchObject({ outcome: "refused", proxied: true });
  });
});

test("a prober that fails by a bug of ours reports no evidence against the target", async () => {
  const now = { calls: 0 };
  const running = startProbe(
    { url: "tcp://192.0.2.1:80", timeoutMs: 500 },
    nodeWire({
      dial: fakeDial(() => "accepts").dial,
      now: () => {
        if (++now.calls === 3) throw new Error("clock");
        return 1_000;
      },
    }),
  );
  expect(await running.finding).toMatchObject({ outcome: "blocked", detail: "prober failed: Error" });
});
