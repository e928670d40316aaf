import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { openPublicDatagrams } from "../../../../src/cli/shared/network/udp-sockets.ts";
import { startProbe } from "../../../../src/probe/probe.ts";
import { nodeWire } from "../../../probe/wire.ts";
import { freePort } from "../../../../scripts/port.ts";
import { nodeDial, publicDial } from "../../../../src/cli/shared/network/node-dial.ts";

// The only part that cannot be real here: a resolver's answer for a name with several addresses.
vi.mock("node:dns", async (original) => {
  const dns = await original<typeof import("node:dns")>();
  const lookup = (name: string) =>
    Promise.resolve(
      (ADDRESSES[name] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  return { ...dns, promises: { ...dns.promises, lookup } };
});

/** No program can connect to a broadcast address: the kernel refuses at once and sends nothing, as it does where there is no route. */
const ADDRESSES: Record<string, string[]> = {
  "two.example": ["255.255.255.255", "127.0.0.1"],
};

describe("dialling public places alone", () => {
  const PRIVATE = fc.oneof(
    fc.integer({ min: 1, max: 254 }).map((end) => `127.0.0.${end}`),
    fc.constantFrom("::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00::1", "fe80::1%lo"),
  );
  const PUBLIC = fc.subarray(["93.184.215.14", "2606:4700::1111"]);

  test("opens nothing to a name that leads to a private one among others, in 1,000 of 1,000 looks, by TCP, TLS or UDP", async () => {
    let heard = 0;
    const server = createServer(() => (heard += 1));
    const udp = createSocket("udp4", () => (heard += 1));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => udp.bind(port, "127.0.0.1", resolve));
    let looks = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(PUBLIC, PRIVATE, PUBLIC),
        fc.constantFrom("tcp", "http", "https", "tls", "redis", "dns"),
        async ([before, one, after], scheme) => {
          looks += 1;
          ADDRESSES["led.example"] = [...before, one, ...after];
          const url = `${scheme}://led.example:${port}${scheme === "dns" ? "/db.example?type=A" : ""}`;
          // The wire of a vantage on Node: sockets alone.
          const sockets = { dial: publicDial, datagrams: openPublicDatagrams, fetch: undefined };
          const wire = { ...nodeWire(), ...sockets };
          const found = await startProbe({ url, timeoutMs: 1_000 }, wire).finding;
          expect([found.outcome, found.detail]).toEqual(["blocked", "EPRIVATE"]);
        },
      ),
      { numRuns: 1_000 },
    );
    expect([looks, heard]).toEqual([1_000, 0]);
    // The listener does receive a connection that is allowed.
    ADDRESSES["led.example"] = ["127.0.0.1"];
    await nodeDial({ host: "led.example", port, tls: false }).opened;
    await expect.poll(() => heard).toBe(1);
    await new Promise((resolve) => udp.close(() => resolve(undefined)));
    server.close();
  });
});

describe("dialling a name with several addresses", () => {
  test("a refusal by one of them outweighs that there is no way to another", async () => {
    const socket = nodeDial({ host: "two.example", port: await freePort(), tls: false });
    await expect(socket.opened).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("the one that answers is taken", async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const socket = nodeDial({ host: "two.example", port, tls: false });
    await socket.opened;
    expect(socket.route?.().address).toBe("127.0.0.1");
    await Promise.all([socket.opening?.resolved, socket.opening?.connected]);
    await socket.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
