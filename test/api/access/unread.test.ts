import { createExecutionContext } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../../../src/api/app.ts";
import { MAX_BODY_BYTES } from "../../../src/api/http/request-body.ts";
import { answerWith, MAX_UNREAD_BYTES } from "../../../src/api/access/unread.ts";
import { bindingsOf, FakeAggregator } from "../fake.ts";
import { ADMIN, DB1, problemIn, READ } from "../world.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const PART_BYTES = 16_384;
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body: ReadableStream<Uint8Array>;
  aggregator?: FakeAggregator;
}

const sends = async ({
  method = "PUT",
  path = DB1,
  headers = { ...ADMIN, ...JSON_TYPE },
  body,
  aggregator = new FakeAggregator(),
}: Sent) => {
  const app = createApp({ resolveAddresses: async () => [] });
  const request = new Request(`http://localhost${path}`, { method, headers, body });
  return await answerWith(app)(request, bindingsOf([aggregator]), createExecutionContext());
};

/** A body in parts that stops after `before` bytes, until the test ends it or breaks it off. */
const stoppedBody = (before: number) => {
  let control: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      control = controller;
      for (let sent = 0; sent < before; sent += PART_BYTES) controller.enqueue(new Uint8Array(PART_BYTES));
    },
  });
  return {
    body,
    part: () => control?.enqueue(new Uint8Array(1)),
    end: () => control?.close(),
    breakOff: () => control?.error(new Error("gone")),
  };
};

/** A body of `bytes` in parts of `partBytes`; counts the bytes that the reader takes. */
const countedBody = (bytes: number, partBytes: number) => {
  const taken = { bytes: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const size = Math.min(partBytes, bytes - taken.bytes);
        taken.bytes += size;
        if (size === 0) controller.close();
        else controller.enqueue(new Uint8Array(size));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken };
};

const early: [status: number, what: string, sent: Omit<Sent, "body">][] = [
  [401, "no token", { headers: JSON_TYPE }],
  [401, "no token, no such path", { headers: JSON_TYPE, path: "/v1/nothing", method: "POST" }],
  [403, "too little scope", { headers: { ...READ, ...JSON_TYPE } }],
  [403, "no vantage's token", { method: "POST", path: "/v1/observations" }],
  [
    403,
    "no notifier's token",
    { method: "POST", path: `${DB1}/notices`, headers: { ...READ, ...JSON_TYPE } },
  ],
  [404, "no such path", { method: "POST", path: "/nothing" }],
  [405, "no such method", { method: "POST" }],
  [415, "no JSON", { headers: { ...ADMIN, "Content-Type": "text/plain" } }],
  [413, "its declared length", { headers: { ...ADMIN, ...JSON_TYPE, "Content-Length": "2000000" } }],
  ...["/v1/drills", "/v1/tokens", "/v1/vantages"].map((path): (typeof early)[number] => [
    413,
    `its length: ${path}`,
    { method: "POST", path },
  ]),
  ...[DB1, `${DB1}/override`, "/v1/webhooks/w-1"].map((path): (typeof early)[number] => [
    413,
    `its length: ${path}`,
    { path },
  ]),
];

describe("an answer that is there before the body has been read", () => {
  it.each(early)("is all there while the rest is still to come: %i for %s", async (status, _what, sent) => {
    const { body, end } = stoppedBody(MAX_BODY_BYTES + PART_BYTES);
    const answer = await sends({ ...sent, body });
    expect(answer.status).toBe(status);
    const reader = answer.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await problemIn(new Response(decode(value), answer));
    let ended = false;
    const ending = reader?.read().then(({ done }) => (ended = done));
    await expect.poll(() => body.locked).toBe(true);
    expect(ended).toBe(false);
    end();
    await ending;
    expect(ended).toBe(true);
  });

  it("throws the rest away, up to the bound and not a part more", async () => {
    const sizes = fc.record({
      bytes: fc.integer({ min: 0, max: MAX_UNREAD_BYTES * 2 }),
      partBytes: fc.integer({ min: 4_096, max: 1_048_576 }),
      headers: fc.constantFrom({ ...ADMIN, ...JSON_TYPE }, JSON_TYPE),
    });
    const law = fc.asyncProperty(sizes, async ({ bytes, partBytes, headers }) => {
      const { body, taken } = countedBody(bytes, partBytes);
      const answer = await sends({ headers, body });
      await answer.text();
      const most = MAX_UNREAD_BYTES + MAX_BODY_BYTES + 2 * partBytes;
      expect(taken.bytes).toBeGreaterThanOrEqual(Math.min(bytes, MAX_UNREAD_BYTES));
      expect(taken.bytes).toBeLessThanOrEqual(Math.min(bytes, most));
    });
    await fc.assert(law, { numRuns: 40 });
  });

  it("comes after the rest where it may have no body of its own", async () => {
    const aggregator = new FakeAggregator();
    const made = new Response(JSON.stringify({ url: "http://127.0.0.1:9/" })).body;
    if (made !== null) expect((await sends({ body: made, aggregator })).status).toBe(201);
    const { body, taken } = countedBody(1_000_000, PART_BYTES);
    const answer = await sends({ method: "DELETE", headers: ADMIN, body, aggregator });
    expect([answer.status, answer.body, taken.bytes]).toEqual([204, null, 1_000_000]);
  });

  it("ends where the sender breaks off", async () => {
    const { body, breakOff } = stoppedBody(PART_BYTES);
    const answer = await sends({ headers: JSON_TYPE, body });
    breakOff();
    expect(JSON.parse(await answer.text())).toMatchObject({ status: 401 });
  });
});

describe("a sender that takes its time", () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const begin = async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const sender = stoppedBody(PART_BYTES);
    const answer = await sends({ headers: JSON_TYPE, body: sender.body });
    const state = { ended: false };
    const text = answer.text().then((all) => ((state.ended = true), all));
    await expect.poll(() => vi.getTimerCount()).toBe(1);
    return { ...sender, state, text };
  };

  it("is given up when it has sent nothing for ten seconds", async () => {
    const { text } = await begin();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(JSON.parse(await text)).toMatchObject({ status: 401 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is given up after thirty seconds, however steadily it sends", async () => {
    const { text, part, state } = await begin();
    for (let seconds = 0; seconds < 30; seconds += 5) {
      expect(state.ended).toBe(false);
      part();
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(JSON.parse(await text)).toMatchObject({ status: 401 });
  });
});

describe("a body that does not tell its length", () => {
  it("is read whole up to the limit, in whatever parts it comes", async () => {
    const text = JSON.stringify({ url: "http://127.0.0.1:9/" });
    const parts = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 20 });
    const law = fc.asyncProperty(parts, fc.nat(MAX_BODY_BYTES + 100), async (lengths, padding) => {
      const bytes = new TextEncoder().encode(text.padEnd(padding, " "));
      let [at, turn] = [0, 0];
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          const part = bytes.slice(at, at + (lengths[turn++ % lengths.length] ?? 1));
          at += part.length;
          if (part.length === 0) controller.close();
          else controller.enqueue(part);
        },
      });
      const { status } = await sends({ body });
      expect(status).toBe(bytes.length > MAX_BODY_BYTES ? 413 : 201);
    });
    await fc.assert(law, { numRuns: 60 });
  });
});
