import { expect, it, inject } from "vitest";
import "../probe/provided.ts";
import { open, shut } from "../../src/probe/socket.ts";
import { workersDial } from "../../src/vantage/workers-dial.ts";
import { Places } from "../../src/vantage/places.ts";
import { settle } from "../schedule/hand-clock.ts";

const ports = inject("ports");

const dialOf = (places: Places, behaviour: string) => {
  const opening = open(places.dial(workersDial), {
    host: "127.0.0.1",
    port: ports[behaviour] ?? 0,
    tls: false,
  });
  if ("error" in opening) throw opening.error;
  return opening.socket;
};

it("counts a dial from its begin until it has failed, or until the opened connection is closed", async () => {
  const places = new Places();
  const refused = dialOf(places, "nobody");
  expect(places.held).toBe(1);
  await expect(refused.opened).rejects.toThrow();
  expect(places.held).toBe(0);
  const opened = dialOf(places, "silent");
  await opened.opened;
  expect(places.held).toBe(1);
  shut(opened);
  expect(places.held).toBe(0);
});

it("goes on counting a dial that was given up on", async () => {
  const places = new Places();
  const pending = dialOf(places, "full");
  shut(pending);
  await settle();
  expect(places.held).toBe(1);
});

it("counts a fetch until it has answered, failed or was given up on", async () => {
  const places = new Places();
  const fetched = places.fetch((url, init) => fetch(url, init));
  const url = (behaviour: string) => `http://127.0.0.1:${ports[behaviour] ?? 0}/`;
  const asked = fetched(url("ok"), {});
  expect(places.held).toBe(1);
  await (await asked).text();
  await expect(fetched(url("nobody"), {})).rejects.toThrow();
  expect(places.held).toBe(0);
  const stop = new AbortController();
  const silent = fetched(url("silent"), { signal: stop.signal });
  expect(places.held).toBe(1);
  stop.abort();
  await expect(silent).rejects.toThrow();
  expect(places.held).toBe(0);
});
