import { describe, expect, test } from "vitest";
import { type RunningProbe, startProbe } from "../../src/probe/probe.ts";
import type { Opening, Socket } from "../../src/probe/socket.ts";
import { useHandTimers } from "./hand-timers.ts";
import { nodeWire } from "./wire.ts";

const clock = useHandTimers();

const never = new Promise<never>(() => undefined);
const at = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
const wireTo = (socket: Socket) => nodeWire({ now: clock.now, fetch: undefined, dial: () => socket });
const found = ({ finding }: RunningProbe) => clock.finish(finding);

/** A connection that never opens, and reports how far it has come. */
const stuck = (opening: Opening): Socket => ({
  opened: never,
  opening,
  closed: never,
  readable: new ReadableStream(),
  writable: new WritableStream(),
  close: () => undefined,
});

const URLS = ["http://db.example/", "https://db.example/", "tcp://db.example:5432"];

describe("a probe whose connection does not open", () => {
  test.each(URLS)(
    "of %s while the name is looked up is the name server's silence, and tells so meanwhile",
    async (url) => {
      const wire = wireTo(stuck({ resolved: never, connected: never }));
      const running = startProbe({ url, timeoutMs: 200 }, wire);
      expect(running.isResolving()).toBe(true);
      expect(await found(running)).toMatchObject({ outcome: "dns_failure", stage: "connect" });
    },
  );

  test.each(URLS)("of %s once the name is known is the path's", async (url) => {
    const wire = wireTo(stuck({ resolved: at(50), connected: never }));
    const running = startProbe({ url, timeoutMs: 200 }, wire);
    await clock.turn(100);
    expect(running.isResolving()).toBe(false);
    expect(await found(running)).toMatchObject({ outcome: "connect_timeout", stage: "connect" });
  });

  test("and is connected, hangs in its handshake; the time to connect is known", async () => {
    const wire = wireTo(stuck({ resolved: Promise.resolve(), connected: at(50) }));
    const running = startProbe({ url: "https://db.example/", timeoutMs: 250 }, wire);
    await clock.turn(120);
    expect([running.stage(), running.connectMs()]).toEqual(["tls", 50]);
    const finding = await found(running);
    expect(finding).toMatchObject({ outcome: "response_timeout", stage: "tls" });
    expect(finding.connectMs).toBe(50);
  });
});

describe("a connection that is not waited for as long as an answer", () => {
  const SHORT = { timeoutMs: 60_000, connectWithinMs: 50 };

  test.each(URLS)("of %s is given up, and its finding tells how long it waited", async (url) => {
    const wire = wireTo(stuck({ resolved: Promise.resolve(), connected: never }));
    const { outcome, totalMs } = await found(startProbe({ url, ...SHORT }, wire));
    expect(outcome).toBe("connect_timeout");
    expect(totalMs).toBeLessThan(60_000);
  });

  test("is none yet while the name is looked up, and none any more in the handshake", async () => {
    const wire = wireTo(stuck({ resolved: at(300), connected: at(320) }));
    const spec = { ...SHORT, timeoutMs: 700, url: "https://db.example/" };
    const finding = await found(startProbe(spec, wire));
    expect(finding).toMatchObject({ outcome: "response_timeout", stage: "tls" });
  });

  test("cannot be told from the handshake where the platform does not say, and has all of the time", async () => {
    const { opening: _, ...mute } = stuck({ resolved: never, connected: never });
    const wire = wireTo(mute);
    const spec = { ...SHORT, timeoutMs: 300, url: "https://192.0.2.1/" };
    expect((await found(startProbe(spec, wire))).totalMs).toBeGreaterThanOrEqual(300);
  });
});
