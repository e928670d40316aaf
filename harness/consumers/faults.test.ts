import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Door, FaultProxy } from "./faults.ts";

let detector: Server;
let proxy: FaultProxy;
let door: Door;

beforeEach(async () => {
  detector = createServer((request, answer) =>
    answer.writeHead(409, { "x-asked": `${request.method} ${request.url}` }).end("hold"),
  );
  await new Promise<void>((resolve) => detector.listen(0, "127.0.0.1", resolve));
  proxy = new FaultProxy({ host: "127.0.0.1", port: (detector.address() as AddressInfo).port });
  door = await proxy.open("one");
});
afterEach(async () => {
  await proxy.stop();
  detector.close();
});

const ask = (at: Door): Promise<Response> => fetch(`${at.url}/v1/x?y=1`, { method: "OPTIONS" });

describe("the proxy in front of the detector", () => {
  test("passes method, path, status, headers and body on while it is fine", async () => {
    const answer = await ask(door);
    expect(answer.status).toBe(409);
    expect(answer.headers.get("x-asked")).toBe("OPTIONS /v1/x?y=1");
    expect(await answer.text()).toBe("hold");
  });

  test.each(["500", "401", "429"] as const)("answers %s itself", async (fault) => {
    await proxy.switchTo(fault);
    const answer = await ask(door);
    expect(answer.status).toBe(Number(fault));
    expect(answer.headers.get("x-asked")).toBeNull();
  });

  test("that is slow answers right after three and a half seconds", async () => {
    await proxy.switchTo("slow");
    const begin = performance.now();
    expect((await ask(door)).status).toBe(409);
    expect(performance.now() - begin).toBeGreaterThan(3_400);
  });

  test("that is gone refuses connections at every door, and comes back on the same ports", async () => {
    const other = await proxy.open("two");
    await proxy.switchTo("gone");
    for (const one of [door, other])
      await expect(ask(one)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    await proxy.switchTo("fine");
    for (const one of [door, other]) expect((await ask(one)).status).toBe(409);
  });

  test("counts requests by door, whatever they are answered", async () => {
    const other = await proxy.open("two");
    await ask(door);
    await proxy.switchTo("500");
    await ask(door);
    expect([door.requests, other.requests]).toEqual([2, 0]);
  });

  test("breaks what is being answered when it begins to fail", async () => {
    await proxy.switchTo("slow");
    const asked = ask(door).catch((error: unknown) => error);
    await expect.poll(() => door.requests).toBe(1);
    await proxy.switchTo("500");
    expect(await asked).toBeInstanceOf(TypeError);
  });
});
