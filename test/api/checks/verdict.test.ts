import { beforeEach, describe, expect, it, vi } from "vitest";
import { Holder, isEarly } from "../../../src/api/http/long-poll.ts";
import { Memory } from "../../../src/api/aggregators/reading-cache.ts";
import { ApiError } from "../../../src/api/errors/api-error.ts";
import { ConnectionSlots } from "../../../src/api/access/connection-slots.ts";
import type { Reading } from "../../../src/domain/reading.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { platformError, verdictOf } from "../fake.ts";
import { ADMIN, DB1, READ, world } from "../world.ts";
import { passed } from "../passed.ts";

const SITTER = { by: "a", isAdmin: false };

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const stage = (changes: Partial<VerdictAnswer> = {}) => {
  const staged = world();
  staged.aggregator.judge(verdictOf(changes));
  const get = (query = "", headers = {}) =>
    staged.ask(`${DB1}/verdict${query}`, { headers: { ...READ, ...headers } });
  return { ...staged, get };
};

const readingOf = (sequence: number): Reading => ({
  etag: `"${sequence}"`,
  rehearsal: false,
  json: JSON.stringify(verdictOf({ sequence })),
});

describe("a verdict read", () => {
  it("passes the aggregator's answer on, byte for byte, for one call", async () => {
    const { get, aggregator } = stage();
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("application/json");
    expect(answer.headers.get("Cache-Control")).toBe("private, no-cache");
    expect(await answer.text()).toBe(`${JSON.stringify(verdictOf())}\n`);
    expect(aggregator.calls).toEqual(["read"]);
  });

  it.each([
    ["the same tag", (etag: string) => etag, 304],
    ["the same tag, weak", (etag: string) => `W/${etag}`, 304],
    ["one of several", (etag: string) => `"a", ${etag} , "b"`, 304],
    ["any", () => "*", 304],
    ["another tag", () => '"other"', 200],
    ["the tag without its quotes", (etag: string) => etag.slice(1, -1), 200],
    ["nothing", () => "", 200],
  ])("If-None-Match with %s", async (_, header, status) => {
    const { get } = stage();
    const etag = (await get()).headers.get("ETag") ?? "";
    const answer = await get("", { "If-None-Match": header(etag) });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("ETag")).toBe(etag);
    expect(answer.headers.get("Verdict-As-Of")).toBe(verdictOf().asOf);
    expect((await answer.text()) === "").toBe(status === 304);
  });

  it("a new transition is a new tag", async () => {
    const { get, aggregator } = stage();
    const etag = (await get()).headers.get("ETag") ?? "";
    aggregator.judge(verdictOf({ sequence: 43 }));
    expect((await get("", { "If-None-Match": etag })).status).toBe(200);
  });

  it("reads the shard that holds the site, and no other", async () => {
    const { ask, send, shards } = world({ shards: 4 });
    for (const site of ["fra", "ams", "sin", "gru", "nrt", "lhr"]) {
      const path = `/v1/sites/${site}/targets/db-1`;
      expect((await send("PUT", path, { url: "http://127.0.0.1/" })).status).toBe(201);
      for (const shard of shards) shard.calls = [];
      expect((await ask(`${path}/verdict`, { headers: READ })).status).toBe(200);
      expect(shards.flatMap(({ calls }) => calls)).toEqual(["read"]);
    }
    const used = shards.filter(({ targets }) => targets.size > 0);
    expect(used.length).toBeGreaterThan(1);
  });
});

describe("a held read", () => {
  it("answers at once when the sequence is another already", async () => {
    const { get, aggregator } = stage();
    const answer = await get("?seq=41&waitMs=55000");
    expect((await answer.json<VerdictAnswer>()).sequence).toBe(42);
    expect(aggregator.calls).toEqual(["read"]);
  });

  it("answers as soon as the sequence differs", async () => {
    const { get, aggregator } = stage();
    aggregator.mood = async () => {
      if (aggregator.calls.length === 3) aggregator.judge(verdictOf({ sequence: 43 }));
    };
    const { came, tookMs } = await passed(() => get("?seq=42&waitMs=20000"));
    expect((await came.json<VerdictAnswer>()).sequence).toBe(43);
    // The first two of the three reads, a second apart, came too early.
    expect(tookMs).toBe(2_000);
    expect(aggregator.calls).toHaveLength(3);
  });

  it("answers 200 with the current verdict when time is up, whatever If-None-Match says", async () => {
    const { get, aggregator } = stage();
    const etag = (await get()).headers.get("ETag") ?? "";
    aggregator.calls = [];
    const { came, tookMs } = await passed(() => get("?seq=42&waitMs=1500", { "If-None-Match": etag }));
    expect(came.status).toBe(200);
    expect((await came.json<VerdictAnswer>()).sequence).toBe(42);
    expect(tookMs).toBe(1_500);
    expect(aggregator.calls.length).toBeLessThanOrEqual(4);
  });

  it("asks once when there is no time to wait", async () => {
    const { get, aggregator } = stage();
    for (const query of ["?seq=42", "?seq=42&waitMs=0"]) expect((await get(query)).status).toBe(200);
    expect(aggregator.calls).toEqual(["read", "read"]);
  });

  it("outlasts a passing trouble of ours", async () => {
    const { get, aggregator } = stage();
    aggregator.mood = async () => {
      if (aggregator.calls.length === 2) throw platformError();
      if (aggregator.calls.length === 3) aggregator.judge(verdictOf({ sequence: 43 }));
    };
    const answer = await get("?seq=42&waitMs=20000");
    expect((await answer.json<VerdictAnswer>()).sequence).toBe(43);
  });

  it("is 503 when the trouble lasts to the end, and 404 when the target is deleted", async () => {
    const troubled = stage();
    troubled.aggregator.mood = async () => {
      if (troubled.aggregator.calls.length > 1) throw platformError();
    };
    expect((await troubled.get("?seq=42&waitMs=500")).status).toBe(503);
    const deleted = stage();
    deleted.aggregator.mood = async () => {
      if (deleted.aggregator.calls.length > 1) deleted.aggregator.readings.clear();
    };
    expect((await deleted.get("?seq=42&waitMs=20000")).status).toBe(404);
  });

  it.each([
    ["not held, and the sequence is the known one", 42, 20_000, 0, true],
    ["not held, and the sequence is another", 43, 20_000, 0, false],
    ["held until its time was up", 42, 1_000, 1_000, false],
    ["lost its slot meanwhile", 42, 20_000, 7_000, true],
    ["not to be held", 42, 0, 0, false],
  ])("is early where it was %s", (_name, sequence, waitMs, agoMs, expected) => {
    vi.spyOn(Date, "now").mockReturnValue(1_000_000);
    expect(isEarly({ seq: 42, waitMs }, 1_000_000 - agoMs, readingOf(sequence))).toBe(expected);
    vi.restoreAllMocks();
  });

  it("says to wait where no slot is free", async () => {
    const { get } = stage();
    const pause = (answer: Response) => answer.headers.get("Retry-After");
    // The isolate holds one request fewer than are sent here. The slots for administrators are not open to readers.
    const held = Array.from({ length: 249 }, () => get("?seq=42&waitMs=1500"));
    const answers = (await Promise.all(held)).map(pause);
    expect(answers.filter((one) => one === "1")).toHaveLength(1);
    expect(pause(await get("?seq=41&waitMs=1500"))).toBeNull();
    expect(pause(await get(""))).toBeNull();
  });

  it("beyond the bound of held requests the next is answered at once", async () => {
    const holder = new Holder(new ConnectionSlots(2), 20);
    const open = new AbortController();
    let reads = 0;
    const read = async () => readingOf(reads++ > 6 ? 43 : 42);
    const held = [1, 2].map(() => holder.hold({ seq: 42, waitMs: 20_000 }, SITTER, read, open.signal));
    const turnedAway = await holder.hold({ seq: 42, waitMs: 20_000 }, SITTER, read, open.signal);
    expect(turnedAway.etag).toBe('"42"');
    for (const reading of await Promise.all(held)) expect(reading.etag).toBe('"43"');
    reads = 0;
    const again = holder.hold(
      { seq: 42, waitMs: 1_200 },
      SITTER,
      async () => readingOf(reads++ > 0 ? 43 : 42),
      open.signal,
    );
    expect((await again).etag).toBe('"43"');
    expect(reads).toBe(2);
  });

  it("ends when the client is gone, and when reading fails for good", async () => {
    const holder = new Holder();
    const gone = AbortSignal.abort();
    const reading = await holder.hold({ seq: 42, waitMs: 50_000 }, SITTER, async () => readingOf(42), gone);
    expect(reading.etag).toBe('"42"');
    const read = () => Promise.reject(new ApiError("not-found", "no target"));
    const open = new AbortController().signal;
    await expect(holder.hold({ seq: 42, waitMs: 50_000 }, SITTER, read, open)).rejects.toThrow("no target");
  });
});

describe("an isolate's memory", () => {
  it("is bounded, and forgets what came first", () => {
    const memory = new Memory<string>(2);
    for (const key of ["a", "b", "a", "c"]) memory.remember(key, key);
    expect([memory.recall("a"), memory.recall("b"), memory.recall("c")]).toEqual([undefined, "b", "c"]);
    memory.forget("b");
    expect(memory.recall("b")).toBeUndefined();
  });
});

describe("what a token opens", () => {
  it("is kept by no cache without asking again", async () => {
    const { ask, aggregator, send } = stage();
    aggregator.calls = [];
    await send("PUT", DB1, { url: "http://127.0.0.1/" });
    for (const path of [
      DB1,
      `${DB1}/history`,
      "/v1/sites",
      "/v1/sites/fra/targets",
      "/v1/vantages",
      "/v1/drills",
    ]) {
      const answer = await ask(path, { headers: ADMIN });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Cache-Control")).toBe("private, no-cache");
    }
  });
});
