import { openDatagrams } from "../../src/cli/shared/network/udp-sockets.ts";
import { nodeDial } from "../../src/cli/shared/network/node-dial.ts";
import { Channels } from "../../src/probe/channel.ts";
import type { Wire } from "../../src/probe/probe.ts";
import { oneAtATime } from "./queue.ts";

/** The real network by way of Node. */
export const nodeWire = (overrides: Partial<Wire> = {}): Wire => ({
  dial: nodeDial,
  datagrams: openDatagrams,
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  vantage: "weur",
  autopsy: oneAtATime(),
  channels: new Channels(),
  relayed: false,
  ...overrides,
});

/** Remembers a raw connect to this address as one that worked in health. */
export const provenChannels = (...keys: string[]): Channels => {
  const channels = new Channels();
  for (const key of keys)
    for (let check = 0; check < 5; check++) channels.learn(key, Date.now(), { kind: "opened", tookMs: 1 });
  return channels;
};
