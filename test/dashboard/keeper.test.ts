import { describe, expect, test } from "vitest";
import { failed, type Called } from "../../src/client/called.ts";
import { PageClock } from "../../src/dashboard/live/page-clock.ts";
import { PageKeeper, type KeeperPorts } from "../../src/dashboard/live/page-keeper.ts";
import type { ShownVerdict, StatedGroup, PageView } from "../../src/dashboard/shown-state.ts";
import { crashed, NOW, stateOf, transitionOf, verdictOf } from "./states.ts";

const ALL: PageView = { site: null, target: null, filter: "", at: null };
const ROWS = { first: 0, count: 60, heightPx: 28 };

const ok = <T>(value: T): Called<T> => ({ kind: "ok", value });

/** A detector with these targets, and a page open on it. */
const opened = (verdicts: ShownVerdict[], view = ALL) => {
  const at = { ms: 5_000 };
  const asked: string[] = [];
  /** The result of every call, in place of the real one; null for none. */
  const trouble: { called: Called<never> | null } = { called: null };
  const answer = <T>(what: string, value: () => T): Promise<Called<T>> => {
    asked.push(what);
    return Promise.resolve(trouble.called ?? ok(value()));
  };
  const elapsedMs = () => at.ms;
  const world: KeeperPorts = {
    source: {
      matrix: ({ site }) =>
        answer(`matrix ${site ?? "all"}`, () => {
          const state = stateOf(verdicts.filter((one) => site === null || one.site === site));
          return { ...state.matrix, asOf: new Date(NOW + at.ms - 5_000).toISOString() };
        }),
      verdict: ({ site, target }) =>
        answer(`verdict ${site}/${target}`, () => {
          const found = verdicts.find((one) => one.site === site && one.target === target);
          if (found === undefined) throw new Error("no such target");
          return found;
        }),
      transitions: () => answer("transitions", () => [transitionOf()]),
      drills: () => answer("drills", () => []),
      evidence: (_, since) =>
        answer(`evidence ${since}`, () => ({
          until: new Date(NOW + at.ms - 5_000).toISOString(),
          reachesBackTo: since,
          observations: [],
          heartbeats: [{ at: since, bootId: "a" }],
          notices: [],
        })),
      groups: () => answer("groups", () => []),
      health: () => answer("health", () => ({ ok: true, reasons: [], warnings: [] })),
    },
    clock: new PageClock(elapsedMs),
    elapsedMs,
    origin: "https://p.example",
    changed: () => undefined,
  };
  return { keeper: new PageKeeper(world, view, ROWS), world, asked, at, trouble };
};

describe("the page that is open", () => {
  test("asks for what is held of the targets in trouble alone", async () => {
    const { keeper, asked } = opened([crashed(), verdictOf()]);
    await keeper.look();
    expect(asked).toEqual(["groups", "matrix all", "health", "transitions", "drills", "verdict fra/db-1"]);
    expect(keeper.state()).toMatchObject({
      verdicts: [{ target: "db-1" }],
      health: { ok: true },
      live: { trouble: "", by: "polls" },
    });
  });

  test("asks for what happened once a minute, and as soon as something has", async () => {
    const { keeper, asked, at } = opened([verdictOf()]);
    const look = async () => {
      asked.length = 0;
      await keeper.look();
      return [...asked];
    };
    await look();
    at.ms += 5_000;
    expect(await look()).toEqual(["groups", "matrix all", "health"]);
    keeper.expire();
    expect(await look()).toEqual(["groups", "matrix all", "health", "transitions", "drills"]);
    at.ms += 60_000;
    expect(await look()).toContain("transitions");
  });

  test("waits for no group: what else is told is shown, and the groups once they are", async () => {
    const { keeper, world } = opened([verdictOf()]);
    let tell: (called: Called<StatedGroup[]>) => void = () => undefined;
    world.source.groups = () => new Promise((resolve) => (tell = resolve));
    await keeper.look();
    expect(keeper.state()).toMatchObject({ matrix: { targets: [{ target: "db-2" }] }, groups: [] });
    const group: StatedGroup = { group: "web", mode: "pool", sites: ["fra"], state: null };
    tell(ok([group]));
    await expect.poll(() => keeper.state()?.groups).toEqual([group]);
    keeper.turn({ ...ALL, site: "ams" });
    expect(keeper.state()?.groups).toEqual([]);
  });

  test("takes the newest answer about groups alone, and says where there never was one", async () => {
    const { keeper, world } = opened([verdictOf()]);
    const tells: ((called: Called<StatedGroup[]>) => void)[] = [];
    world.source.groups = () => new Promise((resolve) => void tells.push(resolve));
    await keeper.look();
    await keeper.look();
    tells[1]?.(failed("fetch failed"));
    await expect.poll(() => keeper.state()?.groups).toBeNull();
    tells[0]?.(ok([]));
    await keeper.look();
    expect(keeper.state()?.groups).toBeNull();
    tells[2]?.(ok([]));
    await expect.poll(() => keeper.state()?.groups).toEqual([]);
    await keeper.look();
    tells[3]?.(failed("fetch failed"));
    await keeper.look();
    expect(keeper.state()?.groups).toEqual([]);
  });

  test("says so while the detector does not answer, and goes on showing what was", async () => {
    const { keeper, trouble, at } = opened([crashed()]);
    await keeper.look();
    trouble.called = failed("fetch failed");
    at.ms += 5_000;
    await keeper.look();
    const state = keeper.state();
    expect(state?.live?.trouble).toBe(
      "The detector does not answer. What is shown is of 03:12:07Z. It is asked again and again.",
    );
    expect(state?.verdicts).toHaveLength(1);
    expect(keeper.isOver).toBe(false);
    trouble.called = null;
    await keeper.look();
    expect(keeper.state()?.live?.trouble).toBe("");
  });

  test("says that the token was revoked, and asks no more", async () => {
    const { keeper, trouble } = opened([crashed()]);
    await keeper.look();
    trouble.called = { kind: "refused", status: 401, detail: "the token is unknown, or was revoked" };
    await keeper.look();
    expect(keeper.isOver).toBe(true);
    expect(keeper.state()?.live?.trouble).toContain("The token opens nothing any more");
  });

  test("says what else the detector refuses for", async () => {
    const { keeper, trouble } = opened([crashed()]);
    await keeper.look();
    trouble.called = { kind: "refused", status: 503, detail: "shard 0 did not answer" };
    await keeper.look();
    expect(keeper.state()?.live?.trouble).toContain("The detector refuses: shard 0 did not answer.");
    expect(keeper.isOver).toBe(false);
  });

  test("calls what it shows out of date once it is older than the detector would hold it for fresh", async () => {
    const { keeper, at } = opened([verdictOf()]);
    await keeper.look();
    at.ms += 15_000;
    expect(keeper.state()?.live?.trouble).toBe("");
    at.ms += 1;
    expect(keeper.state()?.live?.trouble).toBe("What is shown is of 03:12:07Z. It is out of date.");
  });

  test("and once a verdict that it shows has run out", async () => {
    const { keeper, at } = opened([crashed({ validUntil: new Date(NOW + 3_000).toISOString() })]);
    await keeper.look();
    at.ms += 2_999;
    expect(keeper.state()?.live?.trouble).toBe("");
    at.ms += 2;
    expect(keeper.state()?.live?.trouble).toContain("out of date");
  });

  test("turns to a site at once with what it knows, and does not take the answer of the view before", async () => {
    const { keeper } = opened([crashed(), verdictOf({ site: "ams" })]);
    await keeper.look();
    const late = keeper.look();
    keeper.turn({ ...ALL, site: "ams" });
    expect(keeper.state()?.matrix.targets).toMatchObject([{ site: "ams" }]);
    await late;
    expect(keeper.state()?.matrix.targets).toMatchObject([{ site: "ams" }]);
    await keeper.look();
    expect(keeper.state()).toMatchObject({ view: { site: "ams" }, matrix: { targets: [{ site: "ams" }] } });
  });

  test("asks what was seen of the one target that is looked at, at first over an hour and then since", async () => {
    const { keeper, asked, at } = opened([crashed()], { ...ALL, site: "fra", target: "db-1" });
    const since = () => asked.filter((one) => one.startsWith("evidence"));
    await keeper.look();
    expect(since()).toEqual(["evidence 2026-11-22T02:12:07.000Z"]);
    at.ms += 5_000;
    await keeper.look();
    expect(since()).toHaveLength(1);
    at.ms += 10_000;
    await keeper.look();
    expect(since()[1]).toBe("evidence 2026-11-22T03:12:07.000Z");
    expect(keeper.state()?.evidence?.heartbeats.map((one) => one.at)).toEqual([
      // The first heartbeat is an hour old by now, so the page has dropped it.
      "2026-11-22T03:12:07.000Z",
    ]);
    keeper.turn(ALL);
    expect(keeper.state()?.evidence).toBe(null);
  });

  test("asks the less often the more there is", async () => {
    const { keeper } = opened(Array.from({ length: 4_000 }, (_, n) => verdictOf({ target: `t-${n}` })));
    await keeper.look();
    expect(keeper.waitMs).toBe(12_000);
  });
});

test("the time is the detector's, told in the middle of a call, whatever the browser's clock says", () => {
  const at = { ms: 0 };
  const clock = new PageClock(() => at.ms);
  expect(clock.now()).toBe(null);
  at.ms = 200;
  clock.tell(NOW, 100);
  expect(clock.now()).toBe(NOW + 100);
  at.ms = 10_100;
  expect(clock.now()).toBe(NOW + 10_000);
});
