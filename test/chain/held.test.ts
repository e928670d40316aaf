import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { ExchangeReply } from "../../src/domain/exchange.ts";
import { startDetector, stopDetector } from "./scene.ts";

/** More readers, or more listeners, than an isolate holds at once. */
const READERS = 300;
const KEY = { site: "fra", target: "db-1" };
const LONG_MS = 55_000;
const SHORT_MS = 3_000;

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
  await detector.api.putTarget(KEY, { url: detector.api.url, intervalMs: 3_600_000, paused: true });
});
afterAll(() => stopDetector(detector));

/** A request that asks to be held. */
interface Request {
  method: string;
  path: string;
  token: string;
  body?: string;
}
type Ask = (waitMs: number) => Request;

const askVerdict = async (): Promise<Ask> => {
  const { sequence } = await detector.api.verdict(KEY);
  return (waitMs) => ({
    method: "GET",
    path: `/v1/sites/fra/targets/db-1/verdict?seq=${sequence}&waitMs=${waitMs}`,
    token: "local-admin",
  });
};

const askToListen = async (): Promise<Ask> => {
  const { token } = await detector.api.registerVantage({
    id: "lab-1",
    region: "hel",
    provider: "own",
    sites: "all",
  });
  const ask = (body: object): Request => ({
    method: "POST",
    path: "/v1/observations",
    token,
    body: JSON.stringify(body),
  });
  const { assignment } = (await (await send(ask({ version: 0 }))).json()) as ExchangeReply;
  return (waitMs) => ask({ version: assignment?.version ?? 0, waitMs });
};

const send = ({ method, path, token, body }: Request): Promise<Response> =>
  fetch(detector.api.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });

/** Sends the request on a connection of its own, which the caller may break off. */
const begin = async ({ method, path, token, body = "" }: Request): Promise<Socket> => {
  const socket = connect(detector.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.resume();
  await once(socket, "connect");
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: detector\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
};

/** Whether the API holds the request. Where no slot is free, it answers at once. */
const isHeld = async (ask: Ask): Promise<boolean> => {
  const begun = performance.now();
  const answer = await send(ask(SHORT_MS));
  await answer.text();
  expect(answer.status).toBe(200);
  return performance.now() - begun > SHORT_MS / 2;
};

describe("requests that are held", () => {
  test.each([
    { who: "readers of a verdict", make: askVerdict },
    { who: "remote vantages that listen", make: askToListen },
  ])("$who leave their places when they go away, and the next ones are held", async ({ make }) => {
    const ask = await make();
    expect(await isHeld(ask)).toBe(true);
    const readers = await Promise.all(Array.from({ length: READERS }, () => begin(ask(LONG_MS))));
    const fillUp = async (): Promise<boolean> => {
      // A request held before the others came may have left its slot since.
      readers.push(await begin(ask(LONG_MS)));
      return !(await isHeld(ask));
    };
    await until(fillUp, { withinMs: 30_000, explain: () => "there was room for all" });
    for (const reader of readers) reader.resetAndDestroy();
    // Long before the readers would have left by themselves.
    await until(() => isHeld(ask), { withinMs: 20_000, explain: () => "who has gone holds a place" });
  });
});
