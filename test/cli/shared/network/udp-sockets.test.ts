import { createSocket } from "node:dgram";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../../scripts/port.ts";
import { datagramsTo, openDatagrams } from "../../../../src/cli/shared/network/udp-sockets.ts";

const ASKED = new Uint8Array([1, 2, 3]);
const unhandled: unknown[] = [];
const count = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on("unhandledRejection", count).on("uncaughtException", count));
afterAll(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", count).off("uncaughtException", count);
  expect(unhandled).toEqual([]);
});

/** A server that answers with its own address; `silent`: it never answers. */
const serve = async (address: string, port: number, silent = false): Promise<() => void> => {
  const socket = createSocket("udp4");
  socket.on("message", (_, { port: to, address: from }) => {
    if (!silent) socket.send(address, to, from);
  });
  await new Promise<void>((resolve) => {
    socket.bind(port, address, resolve);
  });
  return () => socket.close();
};

const open = async (addresses: string[], port: number) => {
  const line = datagramsTo(Promise.resolve(addresses), port);
  await line.opened;
  return line;
};

describe("datagrams to a host of several addresses", () => {
  test("go to the next when one turns them away, and both are told", async () => {
    const port = await freePort();
    const stop = await serve("127.0.0.1", port);
    const line = await open(["127.0.0.2", "127.0.0.1"], port);
    line.send(ASKED);
    expect(Buffer.from(await line.next()).toString()).toBe("127.0.0.1");
    expect(line.route()).toEqual({ address: "127.0.0.1", dead: ["127.0.0.2"] });
    line.close();
    stop();
  });

  test("go to the next each time while one is silent", async () => {
    const port = await freePort();
    const stops = [await serve("127.0.0.2", port, true), await serve("127.0.0.1", port)];
    const line = await open(["127.0.0.2", "127.0.0.1"], port);
    line.send(ASKED);
    line.send(ASKED);
    expect(Buffer.from(await line.next()).toString()).toBe("127.0.0.1");
    expect(line.route()).toEqual({ address: "127.0.0.1", dead: [] });
    line.close();
    for (const stop of stops) stop();
  });

  test("are refused once all of them have turned one away", async () => {
    const line = await open(["127.0.0.2", "127.0.0.3"], await freePort());
    line.send(ASKED);
    await expect(line.next()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    line.close();
  });
});

test("a line that is closed at once, or whose name is none, leaves nothing behind", async () => {
  const line = await open(["127.0.0.1"], await freePort());
  line.send(ASKED);
  line.close();
  const unknown = openDatagrams({ host: "no-such-host.invalid", port: 53 });
  await expect(unknown.opened).rejects.toMatchObject({ code: "ENOTFOUND" });
  unknown.close();
});
