import { describe, expect, it } from "vitest";
import { refuse } from "./receiver.ts";
import { put, query, reportAll, rpc } from "./scene.ts";
import { BOTH, crash, hook, receiver, REFUSED, setClock, settled, setTheStage } from "./webhook-stage.ts";

setTheStage();

describe("the outbox", () => {
  /** Rows written in the whole object since it began. */
  const written = async (): Promise<number> =>
    (await query<{ n: number }>("SELECT total_changes() AS n"))[0]?.n ?? 0;

  it("writes as many rows when everything fails at once as when one target does", async () => {
    const keys = [...BOTH];
    // All targets are alike, and have no witnesses that the judge would wait for.
    for (const target of ["db-1", "db-2"]) await put("fra", target);
    for (let target = 3; target <= 60; target++) {
      await put("fra", `node-${target}`);
      keys.push(`fra/node-${target}`);
    }
    await hook("ops", { bundle: "target" });
    const costOf = async (failing: string[]): Promise<{ rows: number; messages: number }> => {
      // A new object, and targets that are well.
      for (let round = 0; round < 3; round++) await reportAll(keys);
      await settled({ pending: 0 });
      const [rows, messages] = [await written(), receiver.requests.length];
      await reportAll(failing, REFUSED);
      const others = keys.filter((key) => !failing.includes(key));
      // Both cases send the same number of reports: each report is a row.
      await (others.length > 0 ? reportAll(others) : reportAll(failing, REFUSED));
      await settled({ pending: 0 });
      return { rows: (await written()) - rows, messages: receiver.requests.length - messages };
    };
    const one = await costOf(["fra/db-1"]);
    setClock(Date.now() + 60_000);
    // The aggregator takes that minute for its own absence: it judges what all vantages report from here on half a second later.
    await reportAll(keys);
    setClock(Date.now() + 1_000);
    const all = await costOf(keys);
    expect(one.messages).toBeGreaterThan(0);
    expect(one.messages).toBeLessThan(10);
    expect(all.messages).toBeGreaterThanOrEqual(60);
    expect(all.rows).toBeLessThanOrEqual(1.1 * one.rows);
  });

  it("takes no row of a judgement where there is no webhook", async () => {
    await crash();
    expect(await query("SELECT * FROM outbox")).toEqual([]);
  });

  it("lists deliveries page by page, newest first, by state", async () => {
    await hook();
    for (const unique of ["a", "b", "c", "d"]) await rpc().testWebhook("ops", unique);
    await settled({ pending: 0, delivered: 4 });
    const first = await rpc().deliveries("ops", "delivered", null, 3);
    expect(first.map(({ delivery }) => delivery.id)).toEqual(["test-0-d-0", "test-0-c-0", "test-0-b-0"]);
    const rest = await rpc().deliveries("ops", null, first.at(-1)?.place ?? null, 3);
    expect(rest.map(({ delivery }) => delivery.id)).toEqual(["test-0-a-0"]);
    expect(await rpc().deliveries("ops", "pending", null, 3)).toEqual([]);
  });

  it("keeps a thousand messages that wait, and gives the oldest up, counted and still to be seen", async () => {
    await hook();
    receiver.answer = refuse;
    for (let test = 0; test < 1_005; test++) await rpc().testWebhook("ops", String(test));
    await settled({ pending: 1_000, dropped: 5, dead: 5 });
    const dead = await rpc().deliveries("ops", "dead", null, 10);
    expect(dead.map(({ delivery }) => delivery.id).toSorted()).toEqual(
      ["0", "1", "2", "3", "4"].map((unique) => `test-0-${unique}-0`),
    );
  });
});

describe("several shards", () => {
  it("follow shard 0's list, and what one finds out of a receiver is told to the others", async () => {
    await hook();
    await rpc("1").watch();
    expect((await rpc("1").webhooks()).map(({ id }) => id)).toEqual(["ops"]);
    const [known] = await rpc("1").webhooks();
    await rpc("1").closeWebhook("ops", known?.revision ?? 0, "the receiver answered 410");
    await expect.poll(async () => (await rpc("0").webhooks())[0]?.gone).toBe("the receiver answered 410");
    await rpc("0").deleteWebhook("ops");
    await rpc("1").watch();
    expect(await rpc("1").webhooks()).toEqual([]);
  });
});
