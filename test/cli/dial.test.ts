import { createServer } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { freePort } from "../../scripts/port.ts";
import { dial } from "../../src/cli/dial.ts";

// The only edge that cannot be real here: what a resolver says of a name with several addresses.
vi.mock("node:dns", async (original) => {
  const dns = await original<typeof import("node:dns")>();
  const lookup = (name: string) =>
    Promise.resolve(
      (ADDRESSES[name] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  return { ...dns, promises: { ...dns.promises, lookup } };
});

/** Nobody can connect to a broadcast address: the kernel says so at once and nothing is sent, as where there is no route. */
const ADDRESSES: Record<string, string[]> = {
  "two.example": ["255.255.255.255", "127.0.0.1"],
};

describe("dialling a name with several addresses", () => {
  test("a refusal by one of them outweighs that there is no way to another", async () => {
    const socket = dial({ host: "two.example", port: await freePort(), tls: false });
    await expect(socket.opened).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("the one that answers is taken", async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const socket = dial({ host: "two.example", port, tls: false });
    await socket.opened;
    expect(socket.route?.().address).toBe("127.0.0.1");
    await Promise.all([socket.opening?.resolved, socket.opening?.connected]);
    await socket.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
