import { expect } from "vitest";
import type { ExchangeReply } from "../../src/domain/exchange.ts";
import type { NewJoin, NewlyJoined } from "../../src/domain/join.ts";
import { ofEach, type Spread, TARGET } from "./spread.ts";

const nonceOf = (join: string): string => `nonce-of-the-join-${join}`;

/** Makes codes for a vantage and for an agent of each site, trades them, uses the tokens, and deletes everything again. */
export const joinAll = async (spread: Spread): Promise<void> => {
  const { operations } = spread;
  const make = (body: object) => operations.json<NewJoin>("POST /v1/joins", { body, status: 201 });
  const trade = async ({ join, kind, code }: NewJoin, place: object = {}): Promise<string> => {
    // Sent without a token: an empty header carries none.
    const asked = { body: { code, nonce: nonceOf(join), kind, ...place }, headers: { authorization: "" } };
    const first = await operations.json<NewlyJoined>("POST /v1/joins/trade", asked);
    // Trades again, as a client does that has lost the first answer.
    const { token } = await operations.json<NewlyJoined>("POST /v1/joins/trade", asked);
    expect(token).not.toBe(first.token);
    const body = { ...asked.body, nonce: nonceOf("another") };
    await operations.ask("POST /v1/joins/trade", { ...asked, body, status: 409 });
    return token;
  };
  const vantage = await make({ kind: "vantage", id: "joined-1", sites: "all" });
  const token = await trade(vantage);
  await ofEach(async (site) => {
    const shard = operations.shardOf(site);
    const asked = { body: { shard, version: 0 }, token };
    const reply = await operations.json<ExchangeReply>("POST /v1/observations", asked);
    expect(reply.assignment?.shard).toBe(shard);
    const place = { site, target: `op-${site}` };
    const notify = await trade(await make({ kind: "agent", sites: [site] }), place);
    await operations.ask(`POST ${TARGET}/heartbeats`, { ...place, token: notify, body: { bootId: "a" } });
  });
  const { joins } = await operations.json<{ joins: NewJoin[] }>("GET /v1/joins");
  expect(joins.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    "vantage used",
    ...(await ofEach(async () => "agent used")),
  ]);
  for (const { join, token: id = "", kind } of joins) {
    await operations.ask("DELETE /v1/joins/{id}", { id: join });
    if (kind === "agent") await operations.ask("DELETE /v1/tokens/{id}", { id });
  }
  await operations.ask("DELETE /v1/vantages/{id}", { id: "joined-1" });
};
