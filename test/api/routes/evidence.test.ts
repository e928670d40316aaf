import { describe, expect, it } from "vitest";
import { accepted, refused } from "../../../src/domain/problem.ts";
import { EVIDENCE } from "../fake-past.ts";
import { DB1, problemIn, READ, world } from "../world.ts";

const AT = "2026-11-22T18:30:04.120Z";
describe("GET …/evidence", () => {
  it("passes the aggregator's own answer on", async () => {
    const { ask, aggregator } = world();
    aggregator.evidenceAnswer = accepted(JSON.stringify(EVIDENCE));
    const answer = await ask(`${DB1}/evidence?since=${AT}&until=${AT}&cursor=7.2&only=observed`, {
      headers: READ,
    });
    expect([answer.status, await answer.json()]).toEqual([200, EVIDENCE]);
    const at = Date.parse(AT);
    expect(aggregator.evidenceAsked).toEqual([{ since: at, until: at, cursor: "7.2", record: "unasked" }]);
  });

  it("tells the record to whom all is open, and to nobody who is confined to a site", async () => {
    const { ask, send, aggregator } = world();
    const made = await send("POST", "/v1/tokens", { scope: "read", sites: ["fra"] });
    const { token } = await made.json<{ token: string }>();
    aggregator.evidenceAnswer = accepted(JSON.stringify(EVIDENCE));
    for (const headers of [READ, { Authorization: `Bearer ${token}` }])
      await ask(`${DB1}/evidence`, { headers });
    expect(aggregator.evidenceAsked.map(({ record }) => record)).toEqual(["told", "withheld"]);
  });

  it.each([
    ["since=yesterday", "since"],
    ["until=-1y", "until"],
    ["cursor=7", "cursor"],
    ["only=all", "only"],
  ])("says what is wrong with %s", async (query, path) => {
    const problem = await problemIn(await world().ask(`${DB1}/evidence?${query}`, { headers: READ }));
    expect([problem.status, problem.errors?.map((error) => error.path)]).toEqual([400, [path]]);
  });

  it("is 409 where what comes next is not kept any more, and 404 without the target", async () => {
    const { ask, aggregator } = world();
    aggregator.evidenceAnswer = refused("conflict", "begin again without the cursor", "cursor");
    expect((await ask(`${DB1}/evidence?cursor=1.1`, { headers: READ })).status).toBe(409);
    aggregator.evidenceAnswer = refused("not-found", `site "fra" has no target "db-1"`, "target");
    expect((await ask(`${DB1}/evidence`, { headers: READ })).status).toBe(404);
  });
});
