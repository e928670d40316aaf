import { newToken } from "../../../src/api/access/grants.ts";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../../../src/api/app.ts";
import { EventStream, type StreamSource } from "../../../src/api/aggregators/server-sent.ts";
import { bindingsOf, FakeAggregator } from "../fake.ts";
import { problemIn, READ } from "../world.ts";
import { settle } from "../../schedule/hand-clock.ts";

interface Told extends EventSourceMessage {
  comment?: string;
}

const open: ReadableStreamDefaultReader<Uint8Array>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.cancel()));
});

/** Reads a stream as a client sees it. */
const follow = (body: ReadableStream<Uint8Array> | null) => {
  if (body === null) throw new Error("no body");
  const reader = body.getReader();
  open.push(reader);
  const told: Told[] = [];
  const parser = createParser({
    onEvent: (event) => void told.push(event),
    onComment: (comment) => void told.push({ id: undefined, event: "comment", data: "", comment }),
  });
  const decoder = new TextDecoder();
  let isOver = false;
  /** Reads until `count` events have come, or the end. */
  const until = async (count: number): Promise<Told[]> => {
    while (told.length < count && !isOver) {
      const { done, value } = await reader.read();
      isOver = done;
      if (value !== undefined) parser.feed(decoder.decode(value, { stream: true }));
    }
    return told;
  };
  return { until, told, isOver: () => isOver };
};

const event = (number: number, site = "fra") => ({ site, json: JSON.stringify({ site, number }) });
const numbers = (told: Told[]): number[] =>
  told.flatMap(({ event: name, data }) =>
    name === "transition" ? [(JSON.parse(data) as { number: number }).number] : [],
  );

const stage = (count = 1) => {
  const shards = Array.from({ length: count }, () => new FakeAggregator());
  const env = bindingsOf(shards);
  const app = createApp({ resolveAddresses: async () => [] });
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> =>
    Promise.resolve(app.request(path, { method, headers: { ...READ, ...headers } }, env));
  const [aggregator] = shards as [FakeAggregator];
  return { aggregator, shards, ask };
};

describe("a stream of events", () => {
  it("says first from where it can be resumed, and then what happens, from now on", async () => {
    const { aggregator, ask } = stage();
    aggregator.transitions.push(event(1));
    const answer = await ask("/v1/events");
    expect(answer.headers.get("Content-Type")).toBe("text/event-stream");
    const stream = follow(answer.body);
    const [ready] = await stream.until(1);
    expect(ready).toMatchObject({ event: "ready", data: "{}" });
    expect(ready?.id).toBeTruthy();
    aggregator.transitions.push(event(2), event(3));
    expect(numbers(await stream.until(3))).toEqual([2, 3]);
    expect(new Set(stream.told.map(({ id }) => id)).size).toBe(3);
  });

  it.each(["Last-Event-ID", "after"])("resumes by %s at every event without a gap", async (way) => {
    const { aggregator, ask } = stage();
    const whole = follow((await ask("/v1/events")).body);
    await whole.until(1);
    for (let number = 1; number <= 5; number++) aggregator.transitions.push(event(number));
    const told = await whole.until(6);
    for (const [index, { id = "" }] of told.entries()) {
      const again =
        way === "after"
          ? await ask(`/v1/events?after=${encodeURIComponent(id)}`)
          : await ask("/v1/events?after=nonsense", { [way]: id });
      const rest = await follow(again.body).until(1 + 5 - index);
      expect(numbers(rest)).toEqual([1, 2, 3, 4, 5].slice(index));
    }
  });

  it("follows all shards under one cursor", async () => {
    const { shards, ask } = stage(3);
    const first = follow((await ask("/v1/events")).body);
    const [ready] = await first.until(1);
    shards.forEach((shard, number) => shard.transitions.push(event(number), event(number + 10)));
    const told = await first.until(7);
    expect(numbers(told).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 10, 11, 12]);
    const middle = told[3]?.id ?? "";
    const rest = await follow((await ask("/v1/events", { "Last-Event-ID": middle })).body).until(4);
    expect(numbers([...told.slice(0, 4), ...rest]).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 10, 11, 12]);
    const all = await follow((await ask("/v1/events", { "Last-Event-ID": ready?.id ?? "" })).body).until(7);
    expect(numbers(all).length).toBe(6);
  });

  it("tells of one site where one is asked for, and of its own where the token has some", async () => {
    const { aggregator, ask } = stage();
    const token = await newToken(await aggregator.tokenKey());
    aggregator.grant = async () => ({ scope: "read", sites: ["ams", "sto"] });
    const own = { Authorization: `Bearer ${token}` };
    const one = follow((await ask("/v1/events?site=fra")).body);
    const some = follow((await ask("/v1/events", own)).body);
    await Promise.all([one.until(1), some.until(1)]);
    aggregator.transitions.push(
      event(1, "ams"),
      event(2, "fra"),
      event(3, "lon"),
      event(4, "sto"),
      event(5, "fra"),
    );
    expect(numbers(await one.until(3))).toEqual([2, 5]);
    expect(numbers(await some.until(3))).toEqual([1, 4]);
    expect((await problemIn(await ask("/v1/events?site=fra", own))).status).toBe(403);
  });

  it("names a gap where what follows the cursor is not kept any more, and goes on", async () => {
    const { aggregator, ask } = stage();
    const first = follow((await ask("/v1/events")).body);
    const [ready] = await first.until(1);
    for (let number = 1; number <= 4; number++) aggregator.transitions.push(event(number));
    aggregator.forgotten = 2;
    const told = await follow((await ask("/v1/events", { "Last-Event-ID": ready?.id ?? "" })).body).until(4);
    expect(told.map(({ event: name }) => name)).toEqual(["ready", "gap", "transition", "transition"]);
    expect(JSON.parse(told[1]?.data ?? "")).toMatchObject({ after: ready?.id });
    expect(numbers(told)).toEqual([3, 4]);
  });

  it("stays while the aggregator is in trouble, and leaves nothing out", async () => {
    const { aggregator, ask } = stage();
    const stream = follow((await ask("/v1/events")).body);
    await stream.until(1);
    aggregator.mood = async () => {
      throw new Error("reset");
    };
    aggregator.transitions.push(event(1));
    expect((await stream.until(2))[1]?.comment).toContain("trying again");
    aggregator.mood = async () => {};
    expect(numbers(await stream.until(3))).toEqual([1]);
  });

  it("that begins in trouble begins nevertheless, and is ready once that has passed", async () => {
    const { aggregator, ask } = stage();
    aggregator.mood = async () => {
      throw new Error("reset");
    };
    const answer = await ask("/v1/events");
    expect(answer.status).toBe(200);
    const stream = follow(answer.body);
    await stream.until(1);
    aggregator.mood = async () => {};
    expect((await stream.until(2))[1]).toMatchObject({ event: "ready" });
  });

  it.each([
    ["/v1/events?site=FRA", {}, "site"],
    ["/v1/events?after=nonsense", {}, "after"],
    ["/v1/events?after=1.2", {}, "after"],
    [`/v1/events?after=${"0-1.0_".repeat(3_000)}`, {}, "after"],
    ["/v1/events", { "Last-Event-ID": "0-1" }, "Last-Event-ID"],
    ["/v1/events", { "Last-Event-ID": "0-1.0_" }, "Last-Event-ID"],
  ])("%s %j: 400 and the field named", async (path, headers, field) => {
    const problem = await problemIn(await stage().ask(path, headers));
    expect(problem.status).toBe(400);
    expect(problem.errors.map((error) => error.path)).toEqual([field]);
  });

  it("needs a token that reads, and answers HEAD without a body", async () => {
    const { ask } = stage();
    expect((await problemIn(await ask("/v1/events", { Authorization: "" }))).status).toBe(401);
    const head = await ask("/v1/events", {}, "HEAD");
    expect([head.status, head.headers.get("Content-Type")]).toEqual([200, "text/event-stream"]);
  });

  it("is one of 256 at most, and the next are told to come back", async () => {
    const { ask } = stage();
    const answers: Response[] = [];
    for (let stream = 0; stream < 256; stream++) answers.push(await ask("/v1/events"));
    const refused = await ask("/v1/events");
    expect(refused.headers.get("Retry-After")).toBe("5");
    expect(await problemIn(refused)).toMatchObject({ status: 503, type: "urn:parallax:problem:busy" });
    await answers[7]?.body?.cancel();
    expect((await ask("/v1/events")).status).toBe(200);
    await Promise.all(answers.map(async (answer) => answer.body?.cancel()));
  });

  it("shares its reading with the others of its isolate: ten at the end ask no more often than one", async () => {
    const { aggregator, ask } = stage();
    const streams = [];
    for (let stream = 0; stream < 10; stream++) streams.push(follow((await ask("/v1/events")).body));
    await Promise.all(streams.map((stream) => stream.until(1)));
    aggregator.calls = [];
    const begin = performance.now();
    const waiting = Promise.all(streams.map((stream) => stream.until(2)));
    await expect.poll(() => aggregator.calls.length).toBeGreaterThanOrEqual(3);
    const seconds = (performance.now() - begin) / 1_000;
    expect(aggregator.calls.length).toBeLessThanOrEqual(Math.ceil(seconds / 0.9) + 1);
    aggregator.transitions.push(event(1));
    for (const told of await waiting) expect(numbers(told)).toEqual([1]);
  });
});

describe("a stream, by its parts", () => {
  const source = (changes: Partial<StreamSource> = {}): StreamSource => ({
    read: async () => ({ isGap: false, start: "1.0", events: [], next: "1.0", isEnd: true }),
    wants: () => true,
    mayStay: () => true,
    isCrowded: () => false,
    leave: () => undefined,
    ...changes,
  });
  const places = new Map([[0, null]]);

  it("ends by itself when its time is over, so that its client comes back", async () => {
    const leave = vi.fn<() => void>();
    const pace = { rereadMs: 5, heartbeatMs: 10, lifeMs: 100 };
    const stream = follow(new EventStream(places, null, source({ leave }), pace).open());
    const told = await stream.until(1_000);
    expect(stream.isOver()).toBe(true);
    expect(leave).toHaveBeenCalledOnce();
    expect(told.filter(({ comment }) => comment?.includes("still here")).length).toBeGreaterThan(2);
  });

  it("reads nothing for a client that takes nothing", async () => {
    let reads = 0;
    const read: StreamSource["read"] = async () => {
      reads++;
      const next = `${reads + 1}.0`;
      return {
        isGap: false,
        start: `${reads}.0`,
        events: [{ site: "fra", next, json: "{}" }],
        next,
        isEnd: true,
      };
    };
    const reader = new EventStream(places, null, source({ read }), {
      rereadMs: 0,
      heartbeatMs: 9_999,
      lifeMs: 60_000,
    })
      .open()
      .getReader();
    open.push(reader);
    for (let taken = 1; taken <= 5; taken++) {
      await reader.read();
      expect(reads).toBeLessThanOrEqual(taken);
    }
    const before = reads;
    for (let turn = 0; turn < 100; turn++) await settle();
    expect(reads).toBe(before);
  });

  it("that has lost its slot ends at its next turn", async () => {
    const stream = follow(new EventStream(places, null, source({ mayStay: () => false })).open());
    expect(await stream.until(1)).toEqual([]);
    expect(stream.isOver()).toBe(true);
  });
});
