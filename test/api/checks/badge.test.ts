import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { COLOURS, drawnBadge, saidOf } from "../../../src/api/checks/badge.ts";
import type { ShownOverride } from "../../../src/domain/override.ts";
import { type VerdictAnswer, VerdictSchema } from "../../../src/domain/verdict.ts";
import { platformError, verdictOf } from "../fake.ts";
import { ADMIN, DB1, problemIn, READ, type World, world } from "../world.ts";

const BADGE = `${DB1}/badge.svg`;
const NOW = Date.UTC(2026, 10, 22, 18, 30, 10);
const FRESH = "2026-11-22T18:31:00.000Z";
const AVOID = { routing: "avoid", regions: {}, failover: false, reason: "so the judge holds" } as const;

const overriding = (word: Partial<ShownOverride>): ShownOverride => ({
  reason: "maintenance",
  until: "2026-11-22T19:00:00.000Z",
  ...word,
});

const said = (changes: Partial<VerdictAnswer>, rehearsal = false, now = NOW) =>
  saidOf({ answer: verdictOf({ validUntil: FRESH, ...changes }), rehearsal }, now);

describe("what a badge says", () => {
  it.each<[string, Partial<VerdictAnswer>, boolean, string, string]>([
    ["alive", {}, false, "alive", "good"],
    ["dead", { verdict: "node_dead", advice: AVOID }, false, "node_dead confirmed", "bad"],
    ["suspected", { verdict: "node_dead", confirmed: false }, false, "node_dead", "doubtful"],
    ["gray", { verdict: "gray", confirmed: false }, false, "gray", "doubtful"],
    ["not known", { verdict: "unknown", stale: true }, false, "unknown", "unknown"],
    ["paused", { paused: true }, false, "alive paused", "unknown"],
    ["an operator's word", { override: overriding({ verdict: "alive" }) }, false, "alive override", "good"],
    ["an operator's avoid", { override: overriding({}), advice: AVOID }, false, "alive override", "bad"],
    [
      "a rehearsal",
      { verdict: "node_dead", advice: AVOID, drill: "d" },
      true,
      "rehearsal: node_dead confirmed",
      "rehearsal",
    ],
    ["a rehearsal that it passes", { drill: "d" }, true, "rehearsal: alive", "rehearsal"],
    [
      "a live drill",
      { verdict: "node_dead", advice: AVOID, drill: "d" },
      false,
      "node_dead confirmed drill",
      "bad",
    ],
    ["over", { validUntil: "2026-11-22T18:30:09.999Z" }, false, "unknown", "unknown"],
  ])("of %s", (_, changes, rehearsal, words, look) => {
    expect(said(changes, rehearsal)).toEqual({ words, look });
  });

  it("is green only where it is alive, served, looked at, fresh and no rehearsal, whatever the answer", () => {
    fc.assert(
      fc.property(
        fc.record({
          verdict: fc.constantFrom(...VerdictSchema.options),
          confirmed: fc.boolean(),
          stale: fc.boolean(),
          paused: fc.boolean(),
          validUntil: fc.constantFrom(null, FRESH, "2026-11-22T18:30:00.000Z"),
          advice: fc.constantFrom(AVOID, { ...AVOID, routing: "serve" as const }),
          drill: fc.constantFrom(null, "drill-1"),
          override: fc.constantFrom(null, overriding({ verdict: "alive" })),
        }),
        fc.boolean(),
        (changes, rehearsal) => {
          const { look, words } = said(changes, rehearsal);
          const isOver = changes.validUntil === "2026-11-22T18:30:00.000Z" && changes.override === null;
          const isGood =
            changes.verdict === "alive" &&
            changes.advice.routing === "serve" &&
            !(changes.stale || changes.paused || rehearsal || isOver);
          expect([look === "good", words]).toEqual([isGood, words]);
          expect(words).toMatch(/^[a-z_ :]+$/);
          expect(words.startsWith("rehearsal: ")).toBe(rehearsal);
        },
      ),
    );
  });

  it("can be read: white on each colour has a contrast of 4.5 or more", () => {
    // WCAG 2.2, relative luminance and contrast ratio.
    const luminance = (colour: string): number => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    for (const colour of Object.values(COLOURS))
      expect(1.05 / (luminance(colour) + 0.05), colour).toBeGreaterThanOrEqual(4.5);
  });

  it("is escaped, and as wide as its words", async () => {
    const svg = await drawnBadge({ site: "a&b", target: '"><script>' }, { words: "<b>'&", look: "bad" });
    expect(svg.match(/<[a-z]+/g)).toEqual(["<svg", "<title", "<g", "<rect", "<text", "<rect", "<text"]);
    expect(svg).toContain("a&amp;b/&quot;&gt;&lt;script&gt;");
    const [whole = 0, ...parts] = [...svg.matchAll(/[^h]width="(\d+)"/g)].map(([, width]) => Number(width));
    expect(parts.reduce((sum, width) => sum + width, 0)).toBe(whole);
  });
});

const shown = async (it: World, headers: Record<string, string> = {}, path = BADGE) => {
  const answer = await it.ask(path, { headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

/** A world with `db-1`, whose badge is public, and `db-2`, whose badge is not. */
const made = async (): Promise<World> => {
  const it = world();
  for (const [target, publicBadge] of [
    ["db-1", true],
    ["db-2", false],
  ] as const) {
    await it.send("PUT", `/v1/sites/fra/targets/${target}`, { url: "http://127.0.0.1/", publicBadge });
    it.aggregator.judge(verdictOf({ target, validUntil: new Date(Date.now() + 60_000).toISOString() }));
  }
  it.aggregator.calls = [];
  return it;
};

describe("GET …/badge.svg", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is a picture that nothing can be done in, to keep for ten seconds", async () => {
    const it = await made();
    const open = await shown(it);
    expect(open).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^<svg[^]*>alive<[^]*<\/svg>\n$/) as string,
    });
    expect(Object.fromEntries(open.headers)).toMatchObject({
      "content-type": "image/svg+xml",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
      "cache-control": "public, max-age=10",
    });
    const closed = await shown(it, READ);
    expect(closed.text).toBe(open.text);
    expect(closed.headers.get("cache-control")).toBe("private, max-age=10");
    const etag = open.headers.get("etag") ?? "";
    for (const headers of [{}, READ]) {
      const same = await shown(it, { ...headers, "If-None-Match": etag });
      expect([same.status, same.text, same.headers.get("etag")]).toEqual([304, "", etag]);
    }
    it.aggregator.judge(verdictOf({ verdict: "gray", confirmed: false, sequence: 43 }));
    expect((await shown(it, { ...ADMIN, "If-None-Match": etag }, `${BADGE}?x`)).status).toBe(304);
    const later = Date.now() + 11_000;
    vi.useFakeTimers({ toFake: ["Date"], now: later });
    expect((await shown(it, { "If-None-Match": etag })).status).toBe(200);
  });

  it("without a token is 401 alike of what is not public and of what there is not", async () => {
    const it = await made();
    const [closed, none, elsewhere, strange] = await Promise.all(
      ["fra/targets/db-2", "fra/targets/none", "ams/targets/db-1", "FRA/targets/DB"].map((path) =>
        it.ask(`/v1/sites/${path}/badge.svg`),
      ),
    );
    const heads = [closed, none, elsewhere, strange].map((one) => JSON.stringify([...(one?.headers ?? [])]));
    expect(new Set(heads).size).toBe(1);
    const problems = await Promise.all(
      [closed, none, elsewhere, strange].map((one) => problemIn(one as Response)),
    );
    expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(1);
    expect(problems[0]?.status).toBe(401);
    expect((await shown(it, READ, "/v1/sites/fra/targets/db-2/badge.svg")).status).toBe(200);
    expect((await shown(it, READ, "/v1/sites/fra/targets/none/badge.svg")).status).toBe(404);
    expect((await shown(it, { Authorization: "Bearer wrong" })).status).toBe(401);
  });

  it("costs one call for whatever names are tried, and one for whoever looks", async () => {
    const it = await made();
    for (let number = 0; number < 50; number++) {
      await shown(it, {}, `/v1/sites/fra/targets/t-${number}/badge.svg`);
      await shown(it);
    }
    expect(it.aggregator.calls).toEqual(["publicBadges", "read"]);
  });

  it("is nobody's any more ten seconds after it was taken back", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const it = await made();
    expect((await shown(it)).status).toBe(200);
    await it.send("PATCH", DB1, { publicBadge: null });
    vi.setSystemTime(NOW + 10_001);
    expect((await shown(it)).status).toBe(401);
    await it.send("PATCH", DB1, { publicBadge: true });
    vi.setSystemTime(NOW + 20_002);
    expect((await shown(it)).status).toBe(200);
    await it.ask(DB1, { method: "DELETE", headers: ADMIN });
    vi.setSystemTime(NOW + 30_003);
    expect((await shown(it)).status).toBe(401);
  });

  it("says that it does not know where the detector is in trouble, and says so to all alike", async () => {
    const it = world();
    it.aggregator.mood = () => Promise.reject(platformError());
    for (const path of [BADGE, "/v1/sites/fra/targets/none/badge.svg"])
      for (const headers of [{}, READ]) {
        const answer = await shown(it, headers, path);
        expect(answer.status).toBe(200);
        expect(answer.text).toContain("no answer from the detector");
        expect(answer.text).not.toContain(COLOURS.good);
        expect(answer.headers.get("cache-control")).toBe("no-store");
      }
  });

  it("is for tokens alone while the aggregator is of an earlier release", async () => {
    const it = await made();
    it.aggregator.mood = async (call) => {
      if (call === "publicBadges")
        throw new TypeError('The RPC receiver does not implement the method "publicBadges".');
    };
    expect((await shown(it)).status).toBe(401);
    expect((await shown(it, READ)).status).toBe(200);
  });
});
