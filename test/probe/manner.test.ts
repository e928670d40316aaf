import type { Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Channels, channelsIn } from "../../src/probe/channel.ts";
import { type Habit, isLess, type Manner, MANNERS, withManner, wordsOf } from "../../src/probe/manner.ts";
import { startProbe } from "../../src/probe/probe.ts";
import { startServer } from "./servers.ts";
import { nodeWire } from "./wire.ts";

const manner = fc.constantFrom(...MANNERS);
const rankOf = (one: Manner): number => MANNERS.indexOf(one);

/** Learns as a prober does: it reports a manner that is less than the usual one, and does not learn it. */
const live = (seen: readonly Manner[]) => {
  let habit: Habit | undefined;
  const told: Manner[] = [];
  const learnt: Manner[] = [];
  for (const one of seen)
    if (isLess(one, habit)) told.push(one);
    else {
      habit = withManner(habit, one);
      learnt.push(one);
    }
  return { habit, told, learnt };
};

describe("what healthy connections come to", () => {
  test("is usual once it has been seen twice, and never tells of itself", () => {
    fc.assert(
      fc.property(manner, fc.integer({ min: 2, max: 20 }), (one, times) => {
        const { habit, told } = live(Array.from({ length: times }, () => one));
        expect(told).toEqual([]);
        expect(habit?.usual).toBe(one);
      }),
    );
  });

  test("is told of whenever it is less, for as long as it lasts, and never because it is more", () => {
    fc.assert(
      fc.property(fc.array(manner, { maxLength: 30 }), manner, (before, next) => {
        const { habit } = live(before);
        const isTold = habit?.usual !== undefined && rankOf(next) < rankOf(habit.usual);
        expect(isLess(next, habit)).toBe(isTold);
        const after = live([...before, ...Array.from({ length: 50 }, () => next)]);
        expect(isLess(next, after.habit)).toBe(isTold);
        if (isTold) expect(after.habit).toEqual(habit);
      }),
    );
  });

  test("is never more than two healthy ones in a row have come to", () => {
    fc.assert(
      fc.property(fc.array(manner, { minLength: 1, maxLength: 30 }), (seen) => {
        const { habit, learnt } = live(seen);
        const usual = habit?.usual;
        if (usual === undefined) return;
        const pairs = learnt.slice(1).map((one, index) => [learnt[index] ?? one, one]);
        expect(pairs.some((pair) => pair.every((one) => rankOf(one) >= rankOf(usual)))).toBe(true);
      }),
    );
  });

  test("is said in words", () => {
    const held: Habit = { usual: "held", least: "held", times: 0 };
    expect(wordsOf("closed", held)).toBe(
      "closed the connection at once, without a word; in health it holds it open",
    );
    expect(wordsOf("held", { ...held, usual: "greeted" })).toBe("said nothing; in health it speaks first");
  });
});

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A real listener whose behaviour the test changes, and a prober's looks at it. */
const lookedAt = async (first: (socket: Socket) => void) => {
  let behave = first;
  const { port, stop } = await startServer((socket) => behave(socket));
  stops.push(stop);
  let channels = new Channels();
  const look = async (expecting?: { sends: string }) => {
    const spec = { url: `tcp://127.0.0.1:${port}`, timeoutMs: 1_000, expect: expecting };
    const { outcome, detail } = await startProbe(spec, nodeWire({ channels })).finding;
    return detail === undefined ? outcome : `${outcome}: ${detail}`;
  };
  return {
    become: (next: (socket: Socket) => void) => {
      behave = next;
    },
    restart: () => {
      channels = channelsIn(channels.toString());
    },
    look,
    /** On a busy machine a look may end before it has seen the behaviour, so this looks until it has. */
    comesTo: (found: string) => expect.poll(() => look(), { interval: 10 }).toBe(found),
  };
};

const holds = (): void => undefined;
const closes = (socket: Socket): void => void socket.end();
const greets = (socket: Socket): void => void socket.write("220 mail.example ESMTP\r\n");
const resets = (socket: Socket): void => void socket.resetAndDestroy();

const CLOSED = "app_error: closed the connection at once, without a word";

describe("a bare connection to a real listener", () => {
  test("held open in health and closed at once now is app_error, and ok as soon as it is held again", async () => {
    const node = await lookedAt(holds);
    expect([await node.look(), await node.look()]).toEqual(["ok", "ok"]);
    node.become(closes);
    await node.comesTo(`${CLOSED}; in health it holds it open`);
    // A vantage that restarts meanwhile still knows the usual manner.
    node.restart();
    await node.comesTo(`${CLOSED}; in health it holds it open`);
    node.become(holds);
    expect(await node.look()).toBe("ok");
  });

  test("that spoke first in health is waited for, and is app_error where it closes or says nothing", async () => {
    const node = await lookedAt(greets);
    await expect.poll(() => node.look()).toBe("ok");
    expect(await node.look()).toBe("ok");
    node.become(holds);
    await node.comesTo("app_error: said nothing; in health it speaks first");
    node.become(closes);
    await node.comesTo(`${CLOSED}; in health it speaks first`);
    // Slower than the shortest watch, but in time.
    node.become((socket) => void setTimeout(() => greets(socket), 200));
    expect(await node.look()).toBe("ok");
  });

  test("that is closed at once in health as well is ok, and so is one that begins to hold or to speak", async () => {
    const node = await lookedAt(closes);
    expect([await node.look(), await node.look(), await node.look()]).toEqual(["ok", "ok", "ok"]);
    for (const more of [holds, greets]) {
      node.become(more);
      expect([await node.look(), await node.look(), await node.look()]).toEqual(["ok", "ok", "ok"]);
    }
  });

  test("that is reset is a reset, whatever is usual", async () => {
    const node = await lookedAt(holds);
    expect([await node.look(), await node.look()]).toEqual(["ok", "ok"]);
    node.become(resets);
    await expect.poll(() => node.look()).toMatch(/^reset: /);
  });

  test("that is asked something is not held to what it does unasked", async () => {
    const node = await lookedAt(holds);
    expect([await node.look(), await node.look()]).toEqual(["ok", "ok"]);
    node.become(closes);
    expect(await node.look({ sends: "PING\r\n" })).toBe("ok");
  });
});
