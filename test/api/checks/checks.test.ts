import { describe, expect, it } from "vitest";
import type { ShownOverride } from "../../../src/domain/override.ts";
import { VerdictSchema, type VerdictAnswer } from "../../../src/domain/verdict.ts";
import { verdictOf } from "../fake.ts";
import { advice, stage } from "../stage.ts";
import { DB1, problemIn, READ } from "../world.ts";

const overriding = (word: Partial<ShownOverride>): ShownOverride => ({
  reason: "maintenance",
  until: "2026-11-22T19:00:00.000Z",
  ...word,
});

describe("polarity", () => {
  const dead = { verdict: "node_dead", advice: advice("avoid", true) } as const;
  const rows: [string, Partial<VerdictAnswer>, number, number, number][] = [
    ["alive", {}, 200, 409, 409],
    ["confirmed dead", dead, 503, 200, 200],
    ["dead, not confirmed", { ...dead, confirmed: false }, 503, 200, 409],
    ["dead, failover not advised", { ...dead, advice: advice("avoid", false) }, 503, 200, 409],
    ["dead, evidence outdated", { ...dead, stale: true }, 503, 409, 409],
    ["hung", { verdict: "process_hung", advice: advice("avoid") }, 503, 200, 409],
    ["gray, some still get an answer", { verdict: "gray" }, 200, 409, 409],
    ["gray, nobody gets an answer", { verdict: "gray", advice: advice("avoid") }, 503, 200, 409],
    ["partitioned", { verdict: "partitioned" }, 200, 409, 409],
    ["unknown after alive", { verdict: "unknown", stale: true }, 200, 409, 409],
    ["unknown after dead", { verdict: "unknown", stale: true, advice: advice("avoid") }, 503, 409, 409],
    ["paused", { paused: true }, 200, 409, 409],
    ["paused when it was dead", { paused: true, stale: true, advice: advice("avoid") }, 503, 409, 409],
    [
      "alive, and the operator says avoid, evidence outdated",
      { stale: true, advice: advice("avoid"), override: overriding({ advice: { routing: "avoid" } }) },
      503,
      200,
      409,
    ],
    [
      "alive, and the operator says fail over",
      {
        confirmed: false,
        advice: advice("serve", true),
        override: overriding({ advice: { failover: true } }),
      },
      200,
      409,
      200,
    ],
    [
      "an operator's word on something else makes nothing fresh",
      { ...dead, stale: true, override: overriding({ advice: { failover: false } }) },
      503,
      409,
      409,
    ],
  ];
  it.each(rows)("%s: up %3$i, avoid %4$i, failover %5$i", async (_, changes, up, avoid, failover) => {
    const { status } = stage(changes);
    expect([await status("up"), await status("avoid"), await status("failover")]).toEqual([
      up,
      avoid,
      failover,
    ]);
  });

  it("a drill that is not live moves /up alone", async () => {
    const { status, ask } = stage({ ...dead, drill: "drill-7" }, true);
    expect([await status("up"), await status("avoid"), await status("failover")]).toEqual([503, 409, 409]);
    expect(await (await ask(`${DB1}/up`, { headers: READ })).text()).toBe(
      "down node_dead fra/db-1 seq=42 drill=drill-7\n",
    );
  });

  it("a live drill moves all three", async () => {
    const { status } = stage({ ...dead, drill: "drill-7" });
    expect([await status("up"), await status("avoid"), await status("failover")]).toEqual([503, 200, 200]);
  });
});

describe("the line", () => {
  it("says bit, verdict, target and sequence", async () => {
    const { ask } = stage({});
    const text = async (kind: string) => (await ask(`${DB1}/${kind}`, { headers: READ })).text();
    expect(await text("up")).toBe("up alive fra/db-1 seq=42\n");
    expect(await text("avoid")).toBe("keep alive fra/db-1 seq=42\n");
    expect(await text("failover")).toBe("hold alive fra/db-1 seq=42\n");
  });

  it("is one line of ASCII, at most 512 bytes, beginning with a word, whatever the answer holds", async () => {
    const site = "s".repeat(63);
    const target = "t".repeat(63);
    for (const verdict of VerdictSchema.options) {
      const { ask } = stage({
        site,
        target,
        verdict,
        sequence: Number.MAX_SAFE_INTEGER,
        stale: true,
        paused: true,
        drill: "d".repeat(80),
        override: overriding({ verdict }),
      });
      const line = await (await ask(`/v1/sites/${site}/targets/${target}/up`, { headers: READ })).text();
      expect(line).toMatch(/^[a-z]+ [\x20-\x7e]*\n$/);
      expect(line.length).toBeLessThanOrEqual(512);
    }
    const { ask } = stage({ drill: "drill\r\nÄ" });
    expect(await (await ask(`${DB1}/up`, { headers: READ })).text()).toBe("up alive fra/db-1 seq=42\n");
  });

  it("HEAD and OPTIONS answer as GET does, in status and headers", async () => {
    const { ask } = stage({ verdict: "node_dead", advice: advice("avoid", true) });
    for (const kind of ["up", "avoid", "failover", "consul", "health"]) {
      const get = await ask(`${DB1}/${kind}`, { headers: READ });
      for (const method of ["HEAD", "OPTIONS"]) {
        const other = await ask(`${DB1}/${kind}`, { method, headers: READ });
        expect(other.status).toBe(get.status);
        expect([...other.headers]).toEqual([...get.headers]);
        expect(await other.text()).toBe(method === "HEAD" ? "" : await get.clone().text());
      }
    }
  });

  it("nobody may keep it: failover not at all, the others not without asking again", async () => {
    const { ask } = stage({});
    const control = async (kind: string) =>
      (await ask(`${DB1}/${kind}`, { headers: READ })).headers.get("Cache-Control");
    expect(await control("up")).toBe("private, no-cache");
    expect(await control("avoid")).toBe("private, no-cache");
    expect(await control("consul")).toBe("private, no-cache");
    expect(await control("health")).toBe("private, no-cache");
    expect(await control("failover")).toBe("no-store");
  });

  it("is never 304, nor has it a tag by which something on the way could make it one", async () => {
    const { ask } = stage({});
    const etag = (await ask(`${DB1}/verdict`, { headers: READ })).headers.get("ETag") ?? "";
    for (const kind of ["up", "avoid", "failover", "consul", "health"])
      for (const asked of [etag, "*", `W/${etag}`]) {
        const headers = { ...READ, "If-None-Match": asked, "If-Modified-Since": new Date().toUTCString() };
        const answer = await ask(`${DB1}/${kind}`, { headers });
        expect(answer.status).not.toBe(304);
        expect(answer.headers.get("ETag")).toBeNull();
        expect(answer.headers.get("Last-Modified")).toBeNull();
        expect(await answer.text()).not.toBe("");
      }
  });

  it("tells of when it is, as the verdict does, once there is an observation", async () => {
    const asOf = verdictOf().asOf;
    const kinds = ["verdict", "up", "avoid", "failover", "consul", "health"];
    const told = async (changes: Partial<VerdictAnswer>) => {
      const { ask } = stage(changes);
      const answers = await Promise.all(kinds.map((kind) => ask(`${DB1}/${kind}`, { headers: READ })));
      return answers.map(({ headers }) => headers.get("Verdict-As-Of"));
    };
    expect(await told({})).toEqual(kinds.map(() => asOf));
    expect(await told({ asOf: null, verdict: "unknown" })).toEqual(kinds.map(() => null));
  });
});

describe("a poller's own slant", () => {
  const cut: Partial<VerdictAnswer> = {
    verdict: "partitioned",
    reachableFrom: ["enam"],
    unreachableFrom: ["weur"],
    advice: advice("serve", false, { enam: "serve", weur: "avoid", eeur: "avoid" }),
  };
  const rows: [string, Partial<VerdictAnswer>, string, number, number][] = [
    ["from a region that is cut off", cut, "?from=weur", 503, 200],
    ["from a region that reaches it", cut, "?from=enam", 200, 409],
    ["from a vantage that is not sound", cut, "?from=eeur", 200, 409],
    ["from a region that has not looked", cut, "?from=wnam", 200, 409],
    ["a partition taken for down", cut, "?partition=down", 503, 200],
    ["a partition taken for down, from where it is reached", cut, "?partition=down&from=enam", 503, 200],
    ["gray taken for down, but it is partitioned", cut, "?gray=down", 200, 409],
    ["outdated regions do not count", { ...cut, stale: true }, "?from=weur", 200, 409],
    ["gray taken for down", { verdict: "gray" }, "?gray=down", 503, 200],
    ["gray taken for down, but it is alive", {}, "?gray=down&partition=down", 200, 409],
    [
      "gray taken for down, but the operator says serve",
      { verdict: "gray", override: overriding({ advice: { routing: "serve" } }) },
      "?gray=down",
      200,
      409,
    ],
    ["a parameter of the poller's own", {}, "?cachebuster=17", 200, 409],
  ];
  it.each(rows)("%s", async (_, changes, query, up, avoid) => {
    const { status } = stage(changes);
    expect([await status(`up${query}`), await status(`avoid${query}`)]).toEqual([up, avoid]);
  });

  it.each(["mars", "", "WEUR", "💥", "constructor", "__proto__"])(
    "from %j, which is nowhere: 400",
    async (from) => {
      const { ask } = stage(cut);
      const problem = await problemIn(
        await ask(`${DB1}/up?from=${encodeURIComponent(from)}`, { headers: READ }),
      );
      expect(problem).toMatchObject({ status: 400, errors: [{ path: "from" }] });
    },
  );

  it("failover is nobody's own view: a slant changes nothing", async () => {
    const { status } = stage({ verdict: "gray", advice: advice("serve", false, { weur: "avoid" }) });
    expect(await status("failover?from=weur&gray=down")).toBe(409);
  });
});
