import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/domain/observation.ts";
import { type CrewRpc, type CrewDone, PLACES, placesFor } from "../../src/vantage/crew.ts";
import { Crews } from "../../src/vantage/crews.ts";
import { parseEndpoint } from "../../src/domain/address.ts";
import { HandClock, settle } from "../schedule/hand-clock.ts";

const LIMIT_MS = 60_000;
const OK: Finding = { outcome: "ok", stage: "done", totalMs: 1 };

/** Invocations that may hold six connections each. On the platform a seventh would queue silently, so this counts the connections held. */
const openPlatform = () => {
  const invocations: { held: number; most: number; ended: boolean }[] = [];
  const open = () => {
    const invocation = { held: 0, most: 0, ended: false };
    invocations.push(invocation);
    return Promise.resolve({
      crew: { invocation } as unknown as CrewRpc,
      letGo: () => {
        invocation.ended = true;
      },
    });
  };
  /** A probe that holds `places` connections until the test ends it, and then leaves `left` of them pending. */
  const probe = (places: number, left: number) => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const run = async (crew: CrewRpc): Promise<CrewDone> => {
      const { invocation } = crew as unknown as { invocation: (typeof invocations)[number] };
      expect(invocation.ended).toBe(false);
      invocation.held += places;
      invocation.most = Math.max(invocation.most, invocation.held);
      await ended;
      invocation.held -= places - left;
      return { finding: OK, channel: undefined, left };
    };
    return { run, end };
  };
  return { invocations, open, probe };
};

describe("crews", () => {
  it("never hold more than six connections an invocation, those given up on included, and leave none", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            places: fc.integer({ min: 1, max: 3 }),
            leaves: fc.integer({ min: 0, max: 3 }),
            // How many of the running probes end before the next one begins.
            ends: fc.integer({ min: 0, max: 4 }),
          }),
          { maxLength: 40 },
        ),
        async (steps) => {
          const clock = new HandClock(0);
          const { invocations, open, probe } = openPlatform();
          const crews = new Crews(open, clock);
          const running: { end: () => void; done: Promise<unknown> }[] = [];
          const endOne = async () => {
            const one = running.shift();
            one?.end();
            await one?.done;
          };
          for (const { places, leaves, ends } of steps) {
            const { run, end } = probe(places, Math.min(places, leaves));
            running.push({ end, done: crews.run(places, LIMIT_MS, run) });
            await settle();
            for (let n = 0; n < ends; n++) await endOne();
          }
          while (running.length > 0) await endOne();
          await clock.turn(1_000);
          expect(Math.max(0, ...invocations.map(({ most }) => most))).toBeLessThanOrEqual(PLACES);
          expect(invocations.filter(({ ended }) => !ended)).toEqual([]);
          expect(crews.size).toBe(0);
        },
      ),
    ));

  it("share one invocation for probes that follow each other, and begin no more than there is need for", async () => {
    const clock = new HandClock(0);
    const { invocations, open, probe } = openPlatform();
    const crews = new Crews(open, clock);
    for (let n = 0; n < 100; n++) {
      const { run, end } = probe(1, 0);
      end();
      await crews.run(1, LIMIT_MS, run);
    }
    expect(invocations).toHaveLength(1);
    const many = Array.from({ length: 20 }, () => probe(1, 1));
    const done = many.map(({ run }) => crews.run(1, LIMIT_MS, run));
    await settle();
    for (const { end } of many) end();
    await Promise.all(done);
    await settle();
    expect(invocations).toHaveLength(Math.ceil(20 / PLACES));
    expect(invocations.every(({ ended }) => ended)).toBe(true);
  });

  it("reject where none can be opened, where a probe fails and where it never ends, and try again with another", async () => {
    const clock = new HandClock(0);
    let answer: "throws" | "hangs" | "fails" = "throws";
    let ended = 0;
    const crews = new Crews(() => {
      if (answer === "throws") return Promise.reject(new Error("too many"));
      const probe = (): Promise<CrewDone> =>
        answer === "hangs" ? new Promise(() => undefined) : Promise.reject(new Error("it broke"));
      return Promise.resolve({
        crew: { probe },
        letGo: () => {
          ended += 1;
        },
      });
    }, clock);
    const run = (limitMs: number) =>
      crews.run(1, limitMs, (crew) =>
        crew.probe(
          { spec: { url: "tcp://192.0.2.1:1", timeoutMs: 1 }, vantage: "weur", channel: undefined },
          () => undefined,
        ),
      );
    await expect(run(LIMIT_MS)).rejects.toThrow("too many");
    answer = "fails";
    await expect(run(LIMIT_MS)).rejects.toThrow("it broke");
    answer = "hangs";
    await expect(run(10)).rejects.toThrow("never ended");
    await settle();
    expect([ended, crews.size]).toEqual([2, 0]);
  });
});

it("a probe is given the places that it may take", () => {
  const of = (url: string, count = 0): number => {
    const endpoint = parseEndpoint(url);
    const addresses = Array.from({ length: count }, (_, index) => `192.0.2.${index + 1}`);
    return typeof endpoint === "string" ? NaN : placesFor(endpoint, addresses);
  };
  expect(of("tcp://192.0.2.1:5432")).toBe(1);
  expect(of("http://192.0.2.1/")).toBe(1);
  expect(of("https://192.0.2.1/")).toBe(3);
  expect(of("http://db.example/")).toBe(3);
  expect(of("tcp://db.example:5432", 1)).toBe(2);
  expect(of("tcp://db.example:5432", 2)).toBe(3);
  expect(of("http://db.example/", 2)).toBe(3);
  expect(of("https://db.example/", 9)).toBe(5);
});
