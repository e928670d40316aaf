import { setTimeout as wait } from "node:timers/promises";
import { type DetectorApi, type Key, pathOf } from "../../scripts/detector-api.ts";
import { talliesSince } from "../bench/tally.ts";
import type { Each, Lines } from "./counts.ts";
import { talliesOf } from "./told.ts";

const POLLS = 200;
const HEARTBEATS = 20;
const ROUNDS = 20;
const HELD_MS = 30_000;

/**
 * Counts what `act` makes the aggregator do by `method`, `count` times or for `count` seconds. Nothing else may call that method meanwhile.
 */
const countEach = async (
  api: DetectorApi,
  method: string,
  count: number,
  act: () => Promise<unknown>,
): Promise<Each> => {
  const before = await talliesOf(api);
  await act();
  const { aggregator } = talliesSince(before, await talliesOf(api));
  return { count, calls: aggregator.calls[method] ?? 0, busyMs: aggregator.busyMs[method] ?? 0 };
};

const repeat =
  (count: number, act: () => Promise<unknown>): (() => Promise<void>) =>
  async () => {
    for (let turn = 0; turn < count; turn++) await act();
  };

/** Counts what clients ask of a detector that is otherwise at rest between its ticks. */
export const countLines = async (api: DetectorApi, key: Key): Promise<Lines> => {
  const read = (what: string) => repeat(POLLS, () => api.ask(`${pathOf(key)}/${what}`));
  const verdictPoll = await countEach(api, "read", POLLS, read("verdict"));
  const upPoll = await countEach(api, "read", POLLS, read("up"));
  const { token: own } = await api.makeToken({ scope: "notify", ...key });
  const beat = () => api.say(key, "heartbeats", { bootId: "b", everyMs: 60_000 }, own);
  const heartbeat = await countEach(api, "heartbeat", HEARTBEATS, repeat(HEARTBEATS, beat));
  const scheduled = await countEach(
    api,
    "watch",
    ROUNDS,
    repeat(ROUNDS, () => api.ask("/scheduled")),
  );
  const seconds = HELD_MS / 1_000;
  const streamSecond = await countEach(api, "transitionsAfter", seconds, () => stream(api));
  const { token } = await api.registerVantage({ id: "lab-1", region: "hel", provider: "own", sites: "all" });
  const { assignment } = JSON.parse((await listen(api, token, 0, 0)).text) as {
    assignment: { version: number };
  };
  const heldVantageSecond = await countEach(api, "exchange", seconds, () =>
    listen(api, token, assignment.version, HELD_MS),
  );
  await api.ask("/v1/vantages/lab-1", { method: "DELETE" });
  return { verdictPoll, upPoll, heartbeat, scheduled, streamSecond, heldVantageSecond };
};

const stream = async (api: DetectorApi): Promise<void> => {
  const leave = new AbortController();
  const answer = await fetch(`${api.url}/v1/events`, {
    headers: { authorization: "Bearer local-admin", accept: "text/event-stream" },
    signal: leave.signal,
  });
  if (answer.status !== 200) throw new Error(`the stream answered ${answer.status}`);
  await wait(HELD_MS);
  leave.abort();
};

const listen = async (api: DetectorApi, token: string, version: number, waitedMs: number) => {
  const answer = await fetch(`${api.url}/v1/observations`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ version, waitMs: waitedMs, reports: [] }),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`the held vantage got ${answer.status} ${text}`);
  return { text };
};
