import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type RaceAttempt, inTurns, race } from "../../src/probe/race.ts";
import type { Socket } from "../../src/probe/socket.ts";
import { HandClock } from "../schedule/hand-clock.ts";

/** RFC 8305, section 5. */
const HEAD_START_MS = 250;

const address = fc.oneof(fc.ipV4(), fc.ipV6());

describe("the order of addresses", () => {
  it("begins with IPv6, takes the families in turns, and keeps a family's own order", () => {
    expect(inTurns(["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.3"])).toEqual([
      "2001:db8::1",
      "192.0.2.1",
      "192.0.2.2",
      "192.0.2.3",
    ]);
    expect(inTurns(["192.0.2.1"])).toEqual(["192.0.2.1"]);
    expect(inTurns([])).toEqual([]);
  });

  it("holds each address once, none that was not given, and both families where both were", () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 12 }), (given) => {
        const order = inTurns(given);
        expect(new Set(order).size).toBe(order.length);
        expect(given).toEqual(expect.arrayContaining(order));
        expect(order.length).toBe(Math.min(6, new Set(given).size));
        for (const isV6 of [true, false])
          if (given.some((one) => one.includes(":") === isV6))
            expect(order.some((one) => one.includes(":") === isV6)).toBe(true);
      }),
    );
  });
});

/** How the host at one address takes a connection: it opens or fails after a time, stays silent, or the dial throws. */
type Host = { opensMs: number } | { failsMs: number; code?: string } | "silent" | "throws";

const never = new Promise<never>(() => undefined);

/** A race among hosts under a clock turned by hand. */
const openRace = (hosts: Host[], atOnce = 6, attempts?: RaceAttempt[]) => {
  const clock = new HandClock(0);
  const begun: { address: string; at: number }[] = [];
  const open = new Set<string>();
  const nameOf = (index: number): string => `192.0.2.${index + 1}`;
  const connect = (name: string): Socket => {
    begun.push({ address: name, at: clock.now() });
    const host = hosts[Number(name.split(".")[3]) - 1] as Host;
    if (host === "throws") throw new TypeError("no such address");
    open.add(name);
    const opened = new Promise<void>((resolve, reject) => {
      if (host === "silent") return;
      if ("opensMs" in host) clock.after(host.opensMs, resolve);
      else
        clock.after(host.failsMs, () => {
          open.delete(name);
          reject(Object.assign(new Error("turned away"), { code: host.code }));
        });
    });
    return {
      opened,
      closed: never,
      readable: new ReadableStream(),
      writable: new WritableStream(),
      close: () => void open.delete(name),
    };
  };
  const socket = race({
    resolve: () => Promise.resolve(hosts.map((_, index) => nameOf(index))),
    connect,
    atOnce,
    ...(attempts === undefined ? {} : { attempts }),
    after: clock.after,
  });
  const seen: { outcome?: string; at?: number; error?: unknown } = {};
  socket.opened.then(
    () => Object.assign(seen, { outcome: "opened", at: clock.now() }),
    (error: unknown) => Object.assign(seen, { outcome: "failed", at: clock.now(), error }),
  );
  return { clock, socket, begun, open, seen, nameOf };
};

const host: fc.Arbitrary<Host> = fc.oneof(
  fc.record({ opensMs: fc.integer({ min: 1, max: 900 }) }),
  fc.record({ failsMs: fc.integer({ min: 1, max: 900 }) }),
  fc.constant<Host>("silent"),
  fc.constant<Host>("throws"),
);

describe("a race of addresses", () => {
  it("tries each a head start after the one before or once that has failed, takes the first that opens, and leaves nothing open", () =>
    fc.assert(
      fc.asyncProperty(fc.array(host, { minLength: 1, maxLength: 6 }), async (hosts) => {
        const { clock, socket, begun, open, seen, nameOf } = openRace(hosts);
        await clock.turn(10_000);
        for (const [index, { address, at }] of begun.entries()) {
          expect(address).toBe(nameOf(index));
          const before = begun[index - 1];
          if (before === undefined) continue;
          const gapMs = at - before.at;
          expect(gapMs).toBeLessThanOrEqual(HEAD_START_MS);
          // An attempt begins sooner only where one of those before it has failed at that instant.
          const failedNow = hosts
            .slice(0, index)
            .some(
              (one, earlier) =>
                (one === "throws" && begun[earlier]?.at === at) ||
                (typeof one === "object" &&
                  "failsMs" in one &&
                  (begun[earlier]?.at ?? 0) + one.failsMs === at),
            );
          if (gapMs < HEAD_START_MS) expect(failedNow).toBe(true);
        }
        const openings = begun.flatMap(({ at }, index) => {
          const one = hosts[index];
          return typeof one === "object" && "opensMs" in one ? [{ index, at: at + one.opensMs }] : [];
        });
        const first = openings.toSorted((a, b) => a.at - b.at)[0];
        const { address, dead } = socket.route?.() ?? { address: "", dead: [] };
        if (first === undefined) {
          expect(seen.outcome).toBe(hosts.includes("silent") ? undefined : "failed");
          expect(begun).toHaveLength(hosts.length);
        } else {
          expect([seen.outcome, seen.at]).toEqual(["opened", first.at]);
          expect(begun.every(({ at }) => at <= first.at)).toBe(true);
          expect(openings.filter(({ at }) => at === first.at).map(({ index }) => nameOf(index))).toContain(
            address,
          );
        }
        expect(dead).not.toContain(address);
        await socket.close();
        expect(open.size).toBe(0);
        expect(clock.waiting).toBe(hosts.filter((_, index) => isLate(hosts, begun, index, 10_000)).length);
      }),
    ));

  test("names the silent and the refused that were tried before the one that answered", async () => {
    const { clock, socket } = openRace(["silent", { failsMs: 5 }, { opensMs: 20 }, { opensMs: 1 }]);
    await clock.turn(1_000);
    expect(socket.route?.()).toEqual({ address: "192.0.2.3", dead: ["192.0.2.1", "192.0.2.2"] });
  });

  test("holds no more attempts pending than it may", async () => {
    const { clock, begun, seen } = openRace(["silent", { failsMs: 700 }, { opensMs: 10 }], 2);
    await clock.turn(949);
    expect(begun).toHaveLength(2);
    await clock.turn(50);
    expect([begun.length, seen.outcome]).toEqual([3, "opened"]);
  });

  test("counts what an earlier race has left pending, and asks last whom that did not hear of", async () => {
    const attempts: RaceAttempt[] = [];
    const earlier = openRace(["silent", { opensMs: 10 }], 2, attempts);
    await earlier.clock.turn(1_000);
    await earlier.socket.close();
    const { clock, begun } = openRace(["silent", "silent"], 2, attempts);
    await clock.turn(1_000);
    expect(begun.map(({ address }) => address)).toEqual(["192.0.2.2"]);
  });

  test("begins as soon as it may where the attempts of an earlier race take all there are", async () => {
    const left: RaceAttempt = { address: "192.0.2.1", socket: undefined, state: "pending", error: undefined };
    const { clock, begun, seen } = openRace([{ opensMs: 10 }], 1, [left]);
    await clock.turn(1_000);
    expect([begun.length, seen.outcome]).toEqual([0, undefined]);
    left.state = "failed";
    await clock.turn(HEAD_START_MS + 10);
    expect([begun.length, seen.outcome]).toEqual([1, "opened"]);
  });

  test("fails by what says most, and where there is no address by what the resolver said", async () => {
    const { clock, seen, socket } = openRace([
      { failsMs: 1, code: "ENETUNREACH" },
      { failsMs: 1, code: "ECONNREFUSED" },
    ]);
    await clock.turn(10);
    expect(seen.error).toMatchObject({ code: "ECONNREFUSED" });
    // An error from this machine having no route does not count against the address.
    expect(socket.route?.().dead).toEqual(["192.0.2.2"]);
    const nowhere = race({
      resolve: () => Promise.reject(new Error("unknown")),
      connect: () => {
        throw new Error("not asked");
      },
      atOnce: 2,
      after: clock.after,
    });
    await expect(nowhere.opened).rejects.toThrow("unknown");
    await nowhere.close();
  });
});

/** Whether the host's own answer is still to come. The race holds no timer of its own for that. */
const isLate = (hosts: Host[], begun: { at: number }[], index: number, atMs: number): boolean => {
  const [one, start] = [hosts[index], begun[index]];
  if (start === undefined || typeof one !== "object") return false;
  return start.at + ("opensMs" in one ? one.opensMs : one.failsMs) > atMs;
};
