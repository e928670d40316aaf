import { describe, expect, test } from "vitest";
import { answering, clock, probe } from "./by-name.ts";
import { type FakePeer, silentFetch } from "./fakes.ts";
import { provenChannels } from "./wire.ts";

describe("a look by name whose old connections are silent", () => {
  const served = answering(200, "ok", {});

  test.each<[string, object]>([
    ["http", { url: "http://db.example/" }],
    ["https", { url: "https://db.example/", channels: provenChannels("db.example:443") }],
  ])("is what a new %s connection is served, and says so", async (_scheme, extra) => {
    const { finding, dials, open } = probe("serves", silentFetch, extra);
    const found = await finding;
    expect(found).toMatchObject({ outcome: "ok", detail: "old connections are silent, a new one is served" });
    // One connection to find the stage of fetch, and the new one.
    expect(dials()).toBe(2);
    await expect.poll(() => open()).toBe(0);
  });

  test.each<[FakePeer, string]>([
    ["turnsAway", "connect_timeout/unknown"],
    ["drops", "connect_timeout/connect"],
    ["accepts", "response_timeout/response"],
    ["hangsUp", "response_timeout/response"],
  ])("is what it would be without that where a new one %s, after the whole wait", async (peer, expected) => {
    const { finding } = probe(peer, silentFetch, { timeoutMs: 600 });
    const { outcome, stage, totalMs } = await finding;
    expect(`${outcome}/${stage}`).toBe(expected);
    expect(totalMs).toBeGreaterThanOrEqual(600);
  });

  test("asks no new one that an old one has answered in time", async () => {
    const { finding, dials } = probe("serves", served);
    expect((await finding).detail).toBeUndefined();
    expect(dials()).toBeLessThanOrEqual(1);
  });

  test("takes an old one's answer that comes first", async () => {
    const late = (): Promise<Response> =>
      new Promise((resolve) => void clock.after(520, () => resolve(new Response("ok"))));
    const { finding } = probe("accepts", late, { timeoutMs: 700 });
    expect(await finding).toMatchObject({ outcome: "ok", stage: "done" });
  });
});
