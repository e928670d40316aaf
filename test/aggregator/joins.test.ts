import { abortAllDurableObjects, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toInstant } from "../../src/domain/instant.ts";
import type { JoinDraft, Trade, Traded } from "../../src/domain/join.ts";
import type { Result } from "../../src/domain/problem.ts";
import { put, rpc, shard } from "./scene.ts";
import { fallAfter } from "./worker.ts";

const TTL_MS = 60_000;
const VANTAGE: JoinDraft = { join: "j-1", kind: "vantage", id: "hel-1", sites: ["fra"] };
const AGENT: JoinDraft = { join: "j-2", kind: "agent", sites: ["fra", "ams"] };

const make = (draft: JoinDraft, ttlMs = TTL_MS) => rpc().addJoin(draft, ttlMs, `code of ${draft.join}`);

let trades = 0;
const tradeOf = ({ join, kind }: JoinDraft, changes: Partial<Trade> = {}): Trade => {
  trades += 1;
  return {
    join,
    kind,
    code: `code of ${join}`,
    nonce: "nonce",
    hash: `hash ${trades}`,
    token: {
      id: `t-${trades}`,
      scope: kind === "vantage" ? "vantage" : "notify",
      note: `by join ${join}`,
      createdAt: toInstant(Date.now()),
    },
    ...(kind === "agent" ? { site: "fra", target: "db-1" } : {}),
    ...changes,
  };
};
const trade = (draft: JoinDraft, changes: Partial<Trade> = {}): Promise<Result<Traded>> =>
  rpc().tradeJoin(tradeOf(draft, changes));

const refusal = (result: Result<unknown>) =>
  result.ok ? "accepted" : `${result.refusal.reason}: ${result.refusal.detail}`;
const tokens = async () =>
  (await rpc().listTokens()).map(({ note, vantage, site, target }) => ({ note, vantage, site, target }));
const states = async () => (await rpc().listJoins()).map(({ join, state }) => `${join} ${state}`);

beforeEach(async () => {
  fallAfter(Infinity);
  await reset();
  await put("fra", "db-1");
});
afterEach(() => {
  fallAfter(Infinity);
  vi.restoreAllMocks();
});

const inMs = (ms: number): void => {
  const then = Date.now() + ms;
  vi.spyOn(Date, "now").mockImplementation(() => then);
};

describe("a code for a vantage", () => {
  it("is traded for a vantage and its token, which says which join made it", async () => {
    expect(await make(VANTAGE)).toMatchObject({ ok: true, value: { join: "j-1", state: "open" } });
    expect(await trade(VANTAGE)).toEqual({
      ok: true,
      value: { join: "j-1", kind: "vantage", vantage: "hel-1" },
    });
    expect(await tokens()).toMatchObject([{ note: "by join j-1", vantage: "hel-1" }]);
    expect(await rpc().remoteVantages()).toEqual([
      { id: "hel-1", kind: "remote", region: "unnamed", provider: "unnamed", sites: ["fra"] },
    ]);
    expect((await rpc().exchange("hel-1", 0, [])).assignment?.targets).toHaveLength(1);
    expect(await states()).toEqual(["j-1 used"]);
  });

  it("without an id makes one of its own name, and stands where it was said to", async () => {
    await make({
      join: "j-9",
      kind: "vantage",
      sites: ["fra"],
      site: "fra",
      region: "fra-1",
      provider: "own",
    });
    await trade({ join: "j-9", kind: "vantage", sites: [] });
    expect(await rpc().remoteVantages()).toEqual([
      { id: "vantage-9", kind: "remote", region: "fra-1", provider: "own", site: "fra", sites: ["fra"] },
    ]);
  });

  it("is refused where there is such a vantage, when it is made and when it is traded, and then stays open", async () => {
    await make(VANTAGE);
    await make({ ...VANTAGE, join: "j-3" });
    await trade(VANTAGE);
    expect(refusal(await make({ ...VANTAGE, join: "j-4" }))).toContain(
      'conflict: there is a vantage "hel-1"',
    );
    expect(refusal(await trade({ ...VANTAGE, join: "j-3" }))).toContain(
      'conflict: there is a vantage "hel-1"',
    );
    expect(await states()).toEqual(["j-1 used", "j-3 open"]);
    await rpc().deleteVantage("hel-1");
    expect(refusal(await trade({ ...VANTAGE, join: "j-3" }))).toBe("accepted");
  });
});

describe("a code for an agent", () => {
  it("is traded for the notify token of the one target it names", async () => {
    await make(AGENT);
    expect(await trade(AGENT, { site: "ams", target: "web-1" })).toMatchObject({
      ok: true,
      value: { site: "ams", target: "web-1" },
    });
    expect(await tokens()).toMatchObject([{ note: "by join j-2", site: "ams", target: "web-1" }]);
    expect(await rpc().grant(`hash ${trades}`)).toMatchObject({
      scope: "notify",
      site: "ams",
      target: "web-1",
    });
  });

  it.each([
    { name: "another kind", changes: { kind: "vantage" }, says: "is for kind agent" },
    { name: "another site", changes: { site: "sto" }, says: "is for a target of fra or ams, not of sto" },
    { name: "another target", changes: { target: "db-2" }, says: "is for target db-1, not for db-2" },
  ] as const)("for $name is refused, and stays open", async ({ changes, says }) => {
    const one = { ...AGENT, id: "db-1" };
    await make(one);
    expect(refusal(await trade(one, changes))).toContain(`conflict: the code ${says}`);
    expect(refusal(await trade(one))).toBe("accepted");
  });
});

describe("one use", () => {
  it.each([VANTAGE, AGENT])("is one of two at once: $kind", async (draft) => {
    await make(draft);
    const both = await Promise.all(["one", "other"].map((nonce) => trade(draft, { nonce })));
    expect(both.map(refusal).toSorted((one, other) => one.length - other.length)).toEqual([
      "accepted",
      expect.stringMatching(/^conflict: the code was used at /),
    ]);
    expect(await tokens()).toHaveLength(1);
  });

  it.each([VANTAGE, AGENT])(
    "is again with its nonce, for a new text of the same token: $kind",
    async (draft) => {
      await make(draft);
      await trade(draft, { hash: "first" });
      await abortAllDurableObjects();
      expect(refusal(await trade(draft, { hash: "second" }))).toBe("accepted");
      expect(await tokens()).toHaveLength(1);
      expect(await rpc().grant("first")).toBeNull();
      expect(await rpc().grant("second")).toMatchObject({
        scope: draft.kind === "vantage" ? "vantage" : "notify",
      });
      const rotations = (await rpc().remoteVantages()).map((one) => one.rotations);
      expect(rotations).toEqual(draft.kind === "vantage" ? [1] : []);
      // The same request trades the code a second time: nothing changes.
      expect(refusal(await trade(draft, { hash: "second" }))).toBe("accepted");
      expect((await rpc().remoteVantages()).map((one) => one.rotations)).toEqual(rotations);
    },
  );

  it("is not again once the token was revoked or rotated, for another target, or too late", async () => {
    for (const [join, after, again = {}] of [
      ["j-a", async (id: string) => rpc().deleteToken(id)],
      ["j-b", async (id: string) => rpc().rotateToken(id, "rotated", 0)],
      ["j-c", async () => null, { target: "db-2" }],
      ["j-d", async () => inMs(TTL_MS)],
    ] as const) {
      const draft = { ...AGENT, join };
      await make(draft);
      await trade(draft);
      await after(`t-${trades}`);
      expect(refusal(await trade(draft, again as Partial<Trade>)), join).toMatch(
        /^conflict: the code was used/,
      );
    }
  });

  it("of a vantage is not again once that was deleted or its token rotated", async () => {
    await make(VANTAGE);
    await trade(VANTAGE);
    await rpc().rotateVantage("hel-1", { ...tradeOf(VANTAGE).token, vantage: "hel-1" }, "rotated");
    expect(refusal(await trade(VANTAGE))).toMatch(/^conflict: the code was used/);
    await rpc().deleteVantage("hel-1");
    expect(refusal(await trade(VANTAGE))).toMatch(/^conflict: the code was used/);
  });

  it.each([VANTAGE, AGENT])("leaves nothing by halves, wherever the object ends: $kind", async (draft) => {
    for (let step = 1; step <= 6; step++) {
      await reset();
      await put("fra", "db-1");
      await make(draft);
      fallAfter(step);
      const hash = `fallen ${step}`;
      await trade(draft, { hash }).catch(() => undefined);
      fallAfter(Infinity);
      const isUsed = (await states())[0] === `${draft.join} used`;
      expect(await tokens(), `step ${step}`).toHaveLength(isUsed ? 1 : 0);
      expect(await rpc().remoteVantages()).toHaveLength(isUsed && draft.kind === "vantage" ? 1 : 0);
      // The client that traded the code gets a token again, whether the aggregator kept the first trade or not; no other client gets one.
      expect(refusal(await trade(draft))).toBe("accepted");
      expect(refusal(await trade(draft, { nonce: "other" }))).toMatch(/^conflict: the code was used/);
      expect(await tokens()).toHaveLength(1);
    }
  });
});

describe("the end of a code", () => {
  it("is told as what it is, for a day", async () => {
    await make(AGENT);
    await make({ ...AGENT, join: "j-3" });
    await trade(AGENT);
    inMs(TTL_MS);
    expect(refusal(await trade({ ...AGENT, join: "j-3" }))).toMatch(/^expired: the code expired at /);
    expect(refusal(await trade(AGENT, { nonce: "other" }))).toMatch(/^conflict: the code was used at /);
    expect(refusal(await trade({ ...AGENT, join: "j-4" }))).toMatch(/^not-found: there is no such join code/);
    expect(await states()).toEqual(["j-2 used", "j-3 expired"]);
    inMs(86_400_000);
    await make({ ...AGENT, join: "j-5" });
    expect(await states()).toEqual(["j-5 open"]);
  });

  it("comes though the clock was set back", async () => {
    await make(AGENT);
    inMs(-TTL_MS - 1_000);
    expect(refusal(await trade(AGENT))).toMatch(/^expired/);
  });

  it("comes by hand, and leaves the token", async () => {
    await make(AGENT);
    await make({ ...AGENT, join: "j-3" });
    await trade(AGENT);
    for (const id of ["j-2", "j-3"]) expect(refusal(await rpc().deleteJoin(id))).toBe("accepted");
    expect(refusal(await rpc().deleteJoin("j-3"))).toBe('not-found: there is no join "j-3"');
    expect(refusal(await trade({ ...AGENT, join: "j-3" }))).toMatch(/^not-found/);
    expect(await tokens()).toHaveLength(1);
  });
});

it("of codes that nobody has used there are 64 at most, and room when one is over", async () => {
  for (let made = 1; made <= 64; made++)
    expect(await make({ ...AGENT, join: `j-${made}` }, made * 1_000)).toMatchObject({ ok: true });
  const result = await make({ ...AGENT, join: "j-65" });
  expect(refusal(result)).toMatch(/^capacity: there are 64 codes/);
  expect(result.ok ? 0 : result.refusal.retryAfterMs).toBeLessThanOrEqual(1_000);
  // Makes the code again, as a client does that has lost the first answer.
  expect(await make({ ...AGENT, join: "j-64" })).toMatchObject({ ok: true });
  inMs(1_000);
  expect(await make({ ...AGENT, join: "j-65" })).toMatchObject({ ok: true });
});

it("of what was made the newest 512 are kept", async () => {
  await runInDurableObject(shard(), (_, { storage }) => {
    const at = toInstant(Date.now());
    for (let made = 0; made < 600; made++) {
      const join = `j-${String(made).padStart(3, "0")}`;
      const body = JSON.stringify({ ...AGENT, join, createdAt: at, expiresAt: at });
      storage.sql.exec("INSERT INTO joins VALUES (?, ?, NULL, ?)", join, `code of ${join}`, body);
    }
  });
  await make({ ...AGENT, join: "j-new" });
  const all = await states();
  expect(all).toHaveLength(512);
  expect(all).toContain("j-new open");
  expect(all).toContain("j-599 expired");
});
