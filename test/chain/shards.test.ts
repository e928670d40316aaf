import { groupAll } from "./groups.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExchangeReply } from "../../src/domain/exchange.ts";
import type { NewToken } from "../../src/domain/token.ts";
import type { NewVantage } from "../../src/domain/vantage.ts";
import type { Deliveries, NewWebhook, WebhookAnswer } from "../../src/domain/webhook.ts";
import { joinAll } from "./joined.ts";
import { VANTAGES } from "../../harness/world/launch.ts";
import { ALIVE_WITHIN_MS, CHECKS, ofEach, SHARDS, SITES, sitesIn, Spread, TARGET, toldTo } from "./spread.ts";

// The tests call every operation of the OpenAPI document on a real detector of three shards.

const [FIRST = "", MIDDLE = "", LAST = ""] = SITES;

let spread: Spread;
beforeAll(async () => {
  spread = await Spread.start();
});
afterAll(() => spread?.stop());

test("a vantage that has nothing to look at in some shards is shown as it is in the others", async () => {
  const key = { site: FIRST, target: "db-1" };
  await spread.operations.ask(`PUT ${TARGET}`, { ...key, body: spread.watched, status: 201 });
  await spread.soon(
    "alive",
    async () => (await spread.detector.api.verdict(key)).evidence.length === VANTAGES.length,
    ALIVE_WITHIN_MS,
  );
  const { text } = await spread.operations.ask("GET /v1/vantages");
  const { vantages } = JSON.parse(text) as { vantages: { id: string; state: string }[] };
  expect(vantages.map(({ id, state }) => [id, state])).toEqual(VANTAGES.map((id) => [id, "sound"]));
  expect((await spread.operations.ask("GET /v1/metrics")).text).not.toMatch(/^parallax_vantage_sound.* 0$/m);
  await spread.operations.ask(`DELETE ${TARGET}`, key);
});

describe("a site stands in its shard, and whatever is asked of it is asked there", () => {
  test("targets are put, shown and listed, looked at by every vantage, and judged", async () => {
    await spread.watch();
    await ofEach(async (site) => {
      await spread.patch(site);
      const { text } = await spread.operations.ask("GET /v1/sites/{site}/targets", { site });
      expect(sitesIn(text)).toEqual([site]);
    });
    await spread.alive(VANTAGES.length);
    // The API remembers health for a second.
    await spread.soon("health of all", async () => {
      const { ok, shards } = await spread.health();
      const counted = shards.map(({ shard, targets }) => `${shard}: ${targets}`).join();
      return ok && counted === "0: 2,1: 2,2: 2";
    });
  });

  test("the checks of all three methods, history and the badge", () =>
    ofEach(async (site) => {
      for (const [check, status] of Object.entries(CHECKS))
        for (const method of ["GET", "HEAD", "OPTIONS"])
          await spread.operations.ask(`${method} ${TARGET}/${check}`, { site, target: "db-1", status });
      for (const told of ["history", "evidence", "badge.svg"])
        await spread.operations.ask(`GET ${TARGET}/${told}`, { site, target: "db-1" });
    }));

  test("a node's own word, by a token that shard 0 keeps", () =>
    ofEach(async (site) => {
      const { token, id } = await spread.operations.json<NewToken>("POST /v1/tokens", {
        body: { scope: "notify", site, target: `op-${site}` },
      });
      const asked = { site, target: `op-${site}`, token };
      await spread.operations.ask(`POST ${TARGET}/heartbeats`, { ...asked, body: { bootId: "a" } });
      await spread.operations.ask(`POST ${TARGET}/notices`, {
        ...asked,
        body: { kind: "start", bootId: "a" },
      });
      const other = SITES.find((one) => one !== site) ?? "";
      const body = { bootId: "a" };
      const elsewhere = { site: other, target: `op-${other}`, token, body, status: 403 };
      await spread.operations.ask(`POST ${TARGET}/heartbeats`, elsewhere);
      await spread.operations.ask("DELETE /v1/tokens/{id}", { id });
      await spread.operations.ask(`POST ${TARGET}/heartbeats`, { ...asked, body, status: 401 });
    }));

  test("overrides", async () => {
    await spread.moveAll();
    await ofEach((site) =>
      spread.operations.ask(`DELETE ${TARGET}/override`, { site, target: `op-${site}` }),
    );
  });

  test("mutes stand with their site, are listed together, and end by an id that tells none", () =>
    spread.muteAll());

  test("vantages and agents join by codes, whatever their shard", () => joinAll(spread));

  test("groups have members of every shard", () => groupAll(spread));

  test("drills run in the shard of their site, are listed together, and end by an id that tells none", async () => {
    const ids = await ofEach(async (site) => {
      // A paused target: the drill causes no events, which other tests count.
      const body = { site, target: `op-${site}`, fault: "error", durationMs: 60_000 };
      return (await spread.operations.json<{ id: string }>("POST /v1/drills", { body })).id;
    });
    const { drills } = await spread.operations.json<{ drills: { id: string; site: string }[] }>(
      "GET /v1/drills",
    );
    expect(drills.map(({ id, site }) => [id, site])).toEqual(ids.map((id, shard) => [id, SITES[shard]]));
    for (const id of ids) {
      await spread.operations.ask("DELETE /v1/drills/{id}", { id });
      await spread.operations.ask("DELETE /v1/drills/{id}", { id, status: 404 });
    }
  });
});

describe("what is asked of all shards is answered for all", () => {
  const LISTS = "sites verdicts matrix metrics sd export/gdnsd avoid".split(" ").map((one) => `/v1/${one}`);

  test("every list and export has every site, once and in order", async () => {
    for (const path of LISTS.filter((one) => one !== "/v1/export/gdnsd")) {
      const { text } = await spread.operations.ask(`GET ${path}`);
      expect(sitesIn(text), path).toEqual(SITES);
    }
    await spread.operations.ask("GET /v1/export/gdnsd");
    const { sites } = await spread.operations.json<{ sites: object[] }>("GET /v1/sites");
    expect(sites).toEqual(SITES.toSorted().map((site) => ({ site, targets: 2 })));
    const lines = (await spread.operations.ask("GET /v1/avoid")).text.trim().split("\n");
    const named = lines.map((line) => line.split(" ")[2]);
    expect(named).toEqual(SITES.toSorted().flatMap((site) => [`${site}/db-1`, `${site}/op-${site}`]));
    const { text } = await spread.operations.ask("GET /v1/metrics");
    expect([...text.matchAll(/^parallax_shard_up\{shard="(\d)"\} 1$/gm)].map(([, shard]) => shard)).toEqual([
      "0",
      "1",
      "2",
    ]);
  });

  test("with a site they are of its shard alone", () =>
    ofEach(async (site) => {
      for (const path of LISTS.filter((one) => one !== "/v1/sites" && one !== "/v1/export/gdnsd")) {
        const { text } = await spread.operations.ask(`GET ${path}`, { query: `?site=${site}` });
        expect(sitesIn(text), path).toEqual([site]);
      }
    }));
});

test("what happened is told of all sites, page by page, of one, and of those that a token reads", async () => {
  const all = await spread.past("&since=-1h");
  expect(new Set(all.map(({ site }) => site))).toEqual(new Set(SITES));
  const times = all.map(({ at }) => at);
  expect(times).toEqual(times.toSorted().toReversed());
  expect(new Set((await spread.past(`&site=${MIDDLE}`)).map(({ site }) => site))).toEqual(new Set([MIDDLE]));
  const body = { scope: "read", sites: [FIRST, LAST] };
  const { token, id } = await spread.operations.json<NewToken>("POST /v1/tokens", { body });
  expect(new Set((await spread.past("", token)).map(({ site }) => site))).toEqual(new Set(body.sites));
  await spread.operations.ask("GET /v1/transitions", { query: `?site=${MIDDLE}`, token, status: 403 });
  await spread.operations.ask("DELETE /v1/tokens/{id}", { id });
});

describe("tokens", () => {
  test("one that is confined to sites of two shards sees these, in lists, exports and events, and nothing else", async () => {
    const sites = [FIRST, LAST];
    const made = await spread.operations.json<NewToken>("POST /v1/tokens", {
      body: { scope: "read", sites },
    });
    const { token, id } = made;
    for (const path of ["/v1/sites", "/v1/verdicts", "/v1/matrix", "/v1/metrics", "/v1/sd", "/v1/avoid"]) {
      const { text } = await spread.operations.ask(`GET ${path}`, { token });
      expect(sitesIn(text), path).toEqual(sites);
    }
    await spread.operations.ask(`GET ${TARGET}/verdict`, { site: LAST, target: "db-1", token });
    await spread.operations.ask(`GET ${TARGET}/verdict`, {
      site: MIDDLE,
      target: "db-1",
      token,
      status: 403,
    });
    await spread.operations.ask("GET /v1/verdicts", { query: `?site=${MIDDLE}`, token, status: 403 });
    const confined = await spread.stream(token);
    const moved = await spread.moveAll();
    const expected = moved.filter((name) => !name.startsWith(`op-${MIDDLE} `)).toSorted();
    await spread.soon("events of both", () => confined.transitions.length >= expected.length);
    expect(confined.transitions.toSorted()).toEqual(expected);
    confined.cut();
    const { tokens } = await spread.operations.json<{ tokens: { id: string }[] }>("GET /v1/tokens");
    expect(tokens.map((one) => one.id)).toEqual([id]);
    const rotated = await spread.operations.json<NewToken>("POST /v1/tokens/{id}/rotate", { id, body: {} });
    await spread.operations.ask("GET /v1/sites", { token: rotated.token });
    await spread.operations.ask("DELETE /v1/tokens/{id}", { id });
  });
});

test("a vantage tries a place by every way, whatever the shards", async () => {
  const asked = { id: "weur", body: { url: spread.node.url } };
  const { text } = await spread.operations.ask("POST /v1/vantages/{id}/attempts", asked);
  expect(text).toContain('"end":"answered"');
});

describe("remote vantages", () => {
  test("one is known to every shard, reports to each, and is forgotten by each", async () => {
    const body = { id: "hel-1", region: "hel-1", provider: "other", sites: "all" as const };
    const { token } = await spread.operations.json<NewVantage>("POST /v1/vantages", { body });
    const exchange = (shard: number, bearer: string, status?: number) =>
      spread.operations.ask("POST /v1/observations", {
        body: { shard, version: 0 },
        token: bearer,
        ...(status === undefined ? {} : { status }),
      });
    for (const [shard, site] of SITES.entries()) {
      const reply = JSON.parse((await exchange(shard, token)).text) as ExchangeReply;
      expect(reply.shards).toBe(SHARDS);
      expect(reply.assignment?.shard).toBe(shard);
      expect(new Set(reply.assignment?.targets.map((one) => one.site))).toEqual(new Set([site]));
    }
    await exchange(SHARDS, token, 400);
    await ofEach((site) =>
      spread.operations.ask(`PUT ${TARGET}`, {
        site,
        target: "pinned",
        body: { url: spread.node.url, paused: true, vantages: [...VANTAGES, "hel-1"] },
      }),
    );
    await ofEach((site) => spread.operations.ask(`DELETE ${TARGET}`, { site, target: "pinned" }));
    const rotated = await spread.operations.json<NewVantage>("POST /v1/vantages/{id}/rotate", {
      id: "hel-1",
    });
    await exchange(1, token, 401);
    await exchange(1, rotated.token);
    await spread.operations.ask("DELETE /v1/vantages/{id}", { id: "hel-1" });
    await exchange(2, rotated.token, 401);
    await ofEach((site) =>
      spread.operations.ask(`PUT ${TARGET}`, {
        site,
        target: "pinned",
        body: { url: spread.node.url, paused: true, vantages: [...VANTAGES, "hel-1"] },
        status: 400,
      }),
    );
  });
});

describe("webhooks", () => {
  test("transitions of every shard arrive, are listed page by page, counted together, and sent again", async () => {
    const receiver = await spread.receive();
    const id = "all";
    const body = { url: receiver.url };
    const made = await spread.operations.json<NewWebhook>("PUT /v1/webhooks/{id}", { id, body });
    const moved = [...(await spread.moveAll()), ...(await spread.moveAll())];
    await spread.soon("all transitions", () => new Set(toldTo(receiver)).size >= moved.length);
    expect(toldTo(receiver).toSorted()).toEqual(moved.toSorted());
    expect(receiver.verified(made.secret)).toHaveLength(moved.length);

    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = `?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page: Deliveries = await spread.operations.json("GET /v1/webhooks/{id}/deliveries", {
        id,
        query,
      });
      ids.push(...page.deliveries.map((one) => one.id));
      cursor = page.next;
    }
    expect(ids.toSorted()).toEqual([...new Set(receiver.taken.map((one) => one.id))].toSorted());
    await spread.soon("counted together", async () => {
      const { counts } = await spread.operations.json<WebhookAnswer>("GET /v1/webhooks/{id}", { id });
      return counts.delivered === moved.length && counts.pending === 0;
    });
    const { webhooks } = await spread.operations.json<{ webhooks: WebhookAnswer[] }>("GET /v1/webhooks");
    expect(webhooks.map(({ counts }) => counts.delivered)).toEqual([moved.length]);

    // One message of each shard. The id contains the shard's number.
    const again = SITES.map((_, shard) => ids.find((one) => one.startsWith(`msg-${shard}-`)) ?? "");
    const before = receiver.taken.length;
    for (const delivery of again)
      await spread.operations.ask("POST /v1/webhooks/{id}/deliveries/{delivery}/replay", { id, delivery });
    await spread.soon("sent again", () => receiver.taken.length >= before + SHARDS);
    expect(
      receiver.taken
        .slice(before)
        .map((one) => one.id)
        .toSorted(),
    ).toEqual(again.toSorted());

    const rotated = await spread.operations.json<NewWebhook>("POST /v1/webhooks/{id}/rotate", { id });
    const afterwards = receiver.taken.length;
    await spread.operations.ask("POST /v1/webhooks/{id}/test", { id });
    await spread.moveAll();
    await spread.soon("signed anew", () => receiver.taken.length >= afterwards + SHARDS + 1);
    expect(receiver.verified(rotated.secret, receiver.taken.slice(afterwards))).toHaveLength(SHARDS + 1);

    await spread.operations.ask("DELETE /v1/webhooks/{id}", { id });
    const last = receiver.taken.length;
    const other = await spread.receive();
    await spread.operations.ask("PUT /v1/webhooks/{id}", {
      id: "one",
      body: { url: other.url, sites: [LAST] },
    });
    await spread.moveAll();
    await spread.soon("the one site's", () => other.taken.length >= 1);
    expect(other.taken.map(({ message }) => (message.data as { site?: string }).site)).toEqual([LAST]);
    expect(receiver.taken).toHaveLength(last);
    await spread.operations.ask("DELETE /v1/webhooks/{id}", { id: "one" });
  });
});

describe("the stream of events", () => {
  test("tells of every shard, and resumes by one id across all of them, each event once", async () => {
    const client = await spread.stream();
    const told: string[] = [];
    for (let round = 0; round < 3; round++) {
      told.push(...(await spread.moveAll()));
      client.cut();
      told.push(...(await spread.moveAll()));
      await client.connect();
      await spread.soon("what was missed", () => client.transitions.length >= told.length);
    }
    expect(client.transitions.toSorted()).toEqual(told.toSorted());
    const ids = client.events.filter(({ event }) => event === "transition").map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    client.cut();
  });
});

test("each change has one line in the audit, over all shards, in order, by whom it was asked for", async () => {
  const kept = await spread.audit();
  expect(kept.map(({ what }) => what).toSorted()).toEqual(spread.operations.changes.toSorted());
  // A client that trades a code is recorded by the id of the join.
  const asking = new Set(kept.map(({ by }) => by.replace(/^j-.{7}$/, "a join")));
  expect(asking).toEqual(new Set(["ADMIN_TOKEN", "a join"]));
});

test("every operation of the document was asked, and of every shard where a site stands in its path", async () => {
  await ofEach((site) => spread.operations.ask(`DELETE ${TARGET}`, { site, target: "db-1" }));
  await spread.askFiles();
  expect(await spread.operations.lacking()).toEqual([]);
});
