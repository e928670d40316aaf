import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/client.ts";
import type { StreamEvent } from "../../src/client/event-stream.ts";
import { dead, FakeDetector, problem, TOKEN, verdictNow } from "../cli/fake-detector.ts";

let api: FakeDetector;
beforeEach(async () => {
  api = await FakeDetector.start();
});
afterEach(() => api.vanish());

const data = (sequence: number) => {
  const { confirmed, confidence, because, advice } = { ...verdictNow("fra", "db-1"), ...dead() };
  const at = "2026-11-22T18:30:05.000Z";
  const transition = {
    sequence,
    at,
    from: "alive",
    to: "node_dead",
    rule: "dead",
    confirmed,
    confidence,
    because,
    advice,
    evidence: [],
  };
  return { site: "fra", target: "db-1", transition, drill: null, muted: null };
};
const message = (id: string, sequence: number): string =>
  `event: transition\nid: ${id}\ndata: ${JSON.stringify(data(sequence))}\n\n`;

/** Plays one part for each connection, and the last part for all later connections. */
const play = (...parts: ((response: ServerResponse) => void)[]): void => {
  let connection = 0;
  api.route = (_request, response) => {
    const part = parts[Math.min(connection++, parts.length - 1)];
    response.setHeader("Content-Type", "text/event-stream; charset=utf-8");
    part?.(response);
    return true;
  };
};
const says = (text: string) => (response: ServerResponse) => void response.end(text);
const stays = (text: string) => (response: ServerResponse) => void response.write(text);

/** Events until `count` of the kind `wanted` have come, including the others that came on the way. */
const take = async (count: number, wanted: StreamEvent["kind"], options = {}): Promise<StreamEvent[]> => {
  const seen: StreamEvent[] = [];
  for await (const event of new Client(api.url, TOKEN, 2_000).events(options)) {
    seen.push(event);
    if (seen.filter(({ kind }) => kind === wanted).length >= count) break;
  }
  return seen;
};
const lastIds = (): unknown[] => api.asked.map(({ headers }) => headers["last-event-id"]);

describe("the stream of events", () => {
  it("gives what it says, each with the id by which it is resumed", async () => {
    play(stays(`retry: 2000\n\nevent: ready\nid: a\ndata: {}\n\n: still here\n\n${message("b", 42)}`));
    expect(await take(1, "transition", { site: "fra", after: "z" })).toEqual([
      { kind: "ready", id: "a" },
      { kind: "transition", id: "b", data: data(42) },
    ]);
    expect(api.asked[0]?.path).toBe("/v1/events?site=fra");
    expect(lastIds()).toEqual(["z"]);
  });

  it("is opened again from the last event when it ends, breaks off, or says nothing more", async () => {
    play(
      says(message("a", 1)),
      (response) => void response.write(`${message("b", 2)}event: tran`, () => response.destroy()),
      stays(message("c", 3)),
      stays(message("d", 4)),
    );
    const seen = await take(4, "transition", { idleMs: 300 });
    const transitions = seen.filter((event) => event.kind === "transition");
    expect(transitions.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
    expect(seen.filter(({ kind }) => kind === "trouble")).toHaveLength(3);
    expect(lastIds()).toEqual([undefined, "a", "b", "c"]);
  });

  it("takes transitions of a detector whose rules have no names yet, and who knows no mutes", async () => {
    const earlier = data(42);
    Reflect.deleteProperty(earlier.transition, "rule");
    Reflect.deleteProperty(earlier, "muted");
    play(says(`event: transition\nid: a\ndata: ${JSON.stringify(earlier)}\n\n`));
    const [event] = await take(1, "transition");
    expect(event).toMatchObject({
      kind: "transition",
      data: { transition: { sequence: 42, rule: null }, muted: null },
    });
  });

  it("puts together what comes in pieces", async () => {
    const text = message("ä", 5);
    play((response) => {
      const bytes = Buffer.from(text);
      let at = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(at, (at += 40)));
        if (at >= bytes.length) clearInterval(timer);
      }, 1);
    });
    expect(await take(1, "transition")).toEqual([{ kind: "transition", id: "ä", data: data(5) }]);
  });

  it("tells of a gap, passes over kinds of tomorrow, and goes on after an event it cannot read", async () => {
    play(
      stays(
        `event: gap\nid: a\ndata: {"detail":"not kept"}\n\nevent: tide\nid: b\ndata: {}\n\n` +
          `event: transition\nid: c\ndata: {"site":4}\n\n${message("d", 6)}`,
      ),
    );
    expect(await take(1, "transition")).toMatchObject([
      { kind: "gap", id: "a", detail: "not kept" },
      { kind: "trouble", retryMs: 0 },
      { kind: "transition", id: "d" },
    ]);
  });

  it.each([401, 403, 400, 404])("is over when it is refused with %i", async (status) => {
    api.route = (_request, response) => {
      problem(response, status, "no");
      return true;
    };
    expect(await take(5, "trouble")).toEqual([
      {
        kind: "trouble",
        called: { kind: "refused", status, detail: "no", problem: { kind: "x", fields: [] } },
        retryMs: null,
      },
    ]);
  });

  it("goes on trying through what passes", async () => {
    const bad: ((response: ServerResponse) => void)[] = [
      (response) => problem(response, 500, "x"),
      (response) => void response.writeHead(200, { "Content-Type": "text/html" }).end("<html>"),
      (response) => void response.destroy(),
      stays(message("a", 1)),
    ];
    play(...bad);
    const seen = await take(1, "transition");
    expect(seen.map(({ kind }) => kind)).toEqual(["trouble", "trouble", "trouble", "transition"]);
  }, 40_000);

  it("does not gather an event without end", async () => {
    play((response) => {
      const more = (): boolean => !response.destroyed && response.write("x".repeat(65_536)) && more();
      response.on("drain", more);
      response.write("data: ");
      more();
    });
    expect(await take(1, "trouble")).toMatchObject([{ kind: "trouble" }]);
  });

  it("ends without a word when it is stopped, and closes the connection when it is left", async () => {
    const open = new Set<ServerResponse>();
    play((response) => {
      open.add(response);
      response.once("close", () => open.delete(response));
      response.write(message("a", 1));
    });
    await take(1, "transition");
    await expect.poll(() => open.size).toBe(0);
    const stop = new AbortController();
    const seen: StreamEvent[] = [];
    for await (const event of new Client(api.url, TOKEN).events({ stop: stop.signal })) {
      seen.push(event);
      stop.abort();
    }
    expect(seen).toHaveLength(1);
    await expect.poll(() => open.size).toBe(0);
  });
});
