import { describe, expect, test } from "vitest";
import { Channels, channelsIn } from "../../src/probe/channel.ts";
import type { Autopsy } from "../../src/probe/failure.ts";

const KEY = "db.example:5432";
const opened: Autopsy = { kind: "opened", tookMs: 20 };
const refused: Autopsy = { kind: "refused", tookMs: 20 };
const T0 = 1_800_000_000_000;
const MINUTE = 60_000;

describe("a channel", () => {
  test("is not proven until a raw connect has worked in health, and stays so unless it has moved behind Cloudflare", () => {
    const channels = new Channels();
    expect(channels.proven(KEY)).toBe(false);
    channels.learn(KEY, T0, opened);
    expect(channels.proven(KEY)).toBe(true);
    expect(channels.proven("db.example:5433")).toBe(false);
    channels.learn(KEY, T0 + 1, refused);
    // A node that answers and refuses new connections. This is a finding, and the channel must stay proven for it.
    expect(channels.proven(KEY)).toBe(true);
    channels.learnEdge(KEY, true);
    channels.learn(KEY, T0 + 2, refused);
    expect(channels.proven(KEY)).toBe(false);
  });

  test("is checked on the first few occasions, by one probe at a time, and then rarely", () => {
    const channels = new Channels();
    for (let check = 0; check < 5; check++) {
      expect(channels.claim(KEY, T0)).toBe(true);
      expect(channels.claim("other:1", T0)).toBe(false);
      channels.learn(KEY, T0, opened);
      channels.release();
    }
    expect(channels.claim(KEY, T0 + 9 * MINUTE)).toBe(false);
    expect(channels.claim("other:1", T0)).toBe(true);
    channels.release();
    expect(channels.claim(KEY, T0 + 10 * MINUTE)).toBe(true);
  });

  test("that does not work is tried again ever more rarely, at least once an hour", () => {
    const channels = new Channels();
    const waits: number[] = [];
    let now = T0;
    for (let miss = 0; miss < 9; miss++) {
      channels.learn(KEY, now, refused);
      const learntAt = now;
      while (!channels.claim(KEY, now)) now += MINUTE;
      channels.release();
      waits.push((now - learntAt) / MINUTE);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("learns nothing from an autopsy that says nothing", () => {
    const channels = new Channels();
    channels.learn(KEY, T0, opened);
    channels.learn(KEY, T0, { kind: "void", tookMs: 0 });
    expect(channels.proven(KEY)).toBe(true);
  });
});

describe("a target behind Cloudflare", () => {
  test("is known by the marks of its healthy answers and a raw connect that never gets through", () => {
    const channels = new Channels();
    channels.learnEdge(KEY, true);
    expect(channels.behindEdge(KEY)).toBe(false);
    channels.learn(KEY, T0, refused);
    expect(channels.behindEdge(KEY)).toBe(true);
    channels.learn(KEY, T0, opened);
    expect(channels.behindEdge(KEY)).toBe(false);
  });
});

describe("the memory", () => {
  test("survives a restart as text, and takes what is none of its own for nothing known", () => {
    const channels = new Channels();
    channels.learn(KEY, T0, opened);
    channels.learnEdge(KEY, true);
    channels.learnManner(KEY, "held");
    const again = channelsIn(channels.toString());
    expect(again.proven(KEY)).toBe(true);
    expect(again.get(KEY)).toEqual(channels.get(KEY));
    for (const other of ["", "learnt", '{"of": "another version"}'])
      expect(channelsIn(other).get(KEY)).toBeUndefined();
  });

  test("is bounded: what was learnt longest ago goes first", () => {
    const channels = new Channels();
    for (let port = 1; port <= 5_000; port++) channels.learn(`h:${port}`, T0, opened);
    expect(JSON.parse(channels.toString())).toHaveLength(4_000);
    expect(channels.proven("h:1000")).toBe(false);
    expect(channels.proven("h:1001")).toBe(true);
  });

  test("forgets a place that is looked at no more, and no other", () => {
    const channels = new Channels();
    for (const key of [KEY, "db.example:22", "gone.example:80"]) channels.learn(key, T0, opened);
    channels.retain(["tcp://db.example:5432", "tcp://db.example:22", "no URL", "https://new.example/"]);
    expect(channels.proven(KEY)).toBe(true);
    expect(channels.proven("db.example:22")).toBe(true);
    expect(channels.get("gone.example:80")).toBeUndefined();
  });
});
