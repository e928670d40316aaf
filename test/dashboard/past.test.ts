import { describe, expect, test } from "vitest";
import { PastControl } from "../../src/dashboard/live/past-control.ts";
import { type Read, Recording } from "../../src/dashboard/replay/recording.ts";
import type { ShownTransition, PageView } from "../../src/dashboard/shown-state.ts";
import { toInstant } from "../../src/domain/plain/rfc3339.ts";
import { pagesOf } from "../replay/pages.ts";
import { REGIONS, settledWorld, type World } from "../verdict/world.ts";

const ALL: PageView = { site: null, target: null, filter: "", at: null };
const KEYS = ["ams/web-1", "ams/web-2", "fra/db-1", "fra/db-2"];
const PLACES = [
  { site: "fra", target: "db-1" },
  { site: "ams", target: "web-1" },
];

/** A world in which a process crashed, with its transitions and the go-aheads that a program got. */
const crashed = () => {
  const world = settledWorld();
  const before = world.now;
  world.set("fra/db-1", "refused");
  world.run(40_000);
  const told = { check: "avoid" as const, by: "t-haproxy", first: toInstant(world.now - 5_000), count: 3 };
  const transitions = world.changes
    .map(({ site, target, transition }): ShownTransition => ({
      ...transition,
      site,
      target,
      drill: null,
      override: null,
      by: null,
      told: target === "db-1" && transition.advice.routing === "avoid" ? [told] : [],
    }))
    .toReversed();
  return { world, before, transitions };
};

const readOf = (world: World, transitions: ShownTransition[], asked: string[] = []): Read => ({
  evidence: async ({ site, target }, { since, cursor }) => {
    asked.push(`${site}/${target} ${since} ${cursor ?? ""}`.trim());
    const page = pagesOf(world, { size: 100 })[Number.parseInt(cursor ?? "0", 10) / 100];
    return page ?? "no such page";
  },
  transitions: async () => transitions,
  pause: async () => undefined,
});

const loaded = async (read: Read): Promise<Recording> => {
  const recording = await Recording.load(read, PLACES);
  if (typeof recording === "string") throw new Error(recording);
  return recording;
};

describe("the past, judged again", () => {
  test("is loaded once for all that are judged together, page by page", async () => {
    const { world, transitions } = crashed();
    const asked: string[] = [];
    const recording = await loaded(readOf(world, transitions, asked));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.every((one) => one.startsWith("fra/db-1 -60m"))).toBe(true);
    expect([recording.differences([]), recording.until]).toEqual([0, world.journal.at(-1)?.at]);
  });

  test("shows of an instant what was answered then, and who had been told by then", async () => {
    const { world, before, transitions } = crashed();
    const recording = await loaded(readOf(world, transitions));
    const calm = recording.stateAt(before, ALL, []);
    expect(calm.matrix.targets.map(({ site, target, verdict }) => `${site}/${target} ${verdict}`)).toEqual(
      KEYS.map((key) => `${key} alive`),
    );
    expect(calm.verdicts).toEqual([]);
    const now = recording.stateAt(world.now, ALL, []);
    const { told, ...again } = now.verdicts[0] ?? world.answer("fra/db-1");
    const { told: _told, ...then } = world.answer("fra/db-1");
    expect(now.verdicts).toHaveLength(1);
    expect(again).toEqual(then);
    expect(told).toEqual([{ check: "avoid", by: "t-haproxy", first: expect.any(String), count: 3 }]);
    expect(recording.stateAt(world.now - 10_000, ALL, []).verdicts[0]?.told).toEqual([]);
    expect(now.transitions?.[0]).toMatchObject({ target: "db-1", to: "process_crashed" });
  });

  test("shows a site or a target alone", async () => {
    const { world, transitions } = crashed();
    const recording = await loaded(readOf(world, transitions));
    const of = (view: Partial<PageView>): string[] =>
      recording.stateAt(world.now, { ...ALL, ...view }, []).matrix.targets.map(({ target }) => target);
    expect(of({ site: "ams" })).toEqual(["web-1", "web-2"]);
    expect(of({ site: "fra", target: "db-2" })).toEqual(["db-2"]);
  });

  test("is judged as if some had never looked", async () => {
    const { world, transitions } = crashed();
    const recording = await loaded(readOf(world, transitions));
    const without = REGIONS.slice(1);
    await recording.leaveOut(without);
    const [verdict] = recording.stateAt(world.now, ALL, without).verdicts;
    expect(verdict?.evidence.map(({ vantage }) => vantage)).toEqual(["wnam"]);
    expect(recording.differences(without)).toBeGreaterThan(0);
    expect(recording.differences([])).toBe(0);
  });

  test("that is more than a browser can hold is asked for from later on, and then given up", async () => {
    const { world, transitions } = crashed();
    const asked: string[] = [];
    const endless: Read = {
      ...readOf(world, transitions),
      evidence: async (_place, { since, cursor }) => {
        asked.push(since);
        const page = pagesOf(world)[0];
        return page === undefined ? "" : { ...page, next: `${Number(cursor ?? 0) + 1}` };
      },
    };
    expect(await Recording.load(endless, PLACES)).toContain("even of the last 5m there is more");
    expect([...new Set(asked)]).toEqual(["-60m", "-15m", "-5m"]);
  });
});

describe("the control of the past", () => {
  const opened = async () => {
    const { world, before, transitions } = crashed();
    const read = readOf(world, transitions);
    const control = new PastControl({
      read,
      load: async () => ({ Recording }),
      places: () => PLACES,
      changed: () => undefined,
    });
    return { control, world, before };
  };

  test("goes to the instant in the address, from change to change, and back to now", async () => {
    const { control, before, world } = await opened();
    await control.open(toInstant(before));
    expect(control.past).toMatchObject({
      at: before,
      words: "Judged again in this browser, as it was published.",
    });
    control.step(1);
    expect(control.stateOf(ALL)?.transitions?.[0]).toMatchObject({ target: "db-1" });
    const at = control.past.at ?? 0;
    expect(at).toBeGreaterThan(before);
    control.step(-1);
    expect(control.past.at).toBeLessThan(before);
    control.seek(world.now + 1e9);
    expect(control.past.at).toBe(control.past.range?.until);
    control.leave();
    expect([control.past.at, control.stateOf(ALL)]).toEqual([null, null]);
  });

  test("says what would have been", async () => {
    const { control, world } = await opened();
    await control.open(null);
    expect(control.past.vantages).toContain("oc");
    for (const vantage of REGIONS.slice(1)) await control.leaveOut(vantage, true);
    expect(control.past.without).toEqual(REGIONS.slice(1));
    expect(control.past.words).toMatch(
      /^Judged again as if enam, .* had never looked: \d+ transitions? would/,
    );
    for (const vantage of REGIONS.slice(1)) await control.leaveOut(vantage, false);
    expect(control.past.words).toBe("Judged again in this browser, as it was published.");
    expect(control.past.at).toBe(world.journal.at(-1)?.at);
  });

  test("says why there is none", async () => {
    const { world, transitions } = crashed();
    const read: Read = {
      ...readOf(world, transitions),
      evidence: async () => "this token reads other sites only",
    };
    const control = new PastControl({
      read,
      load: async () => ({ Recording }),
      places: () => PLACES,
      changed: () => undefined,
    });
    await control.open(null);
    expect(control.past).toMatchObject({
      at: null,
      words: "The past cannot be shown: this token reads other sites only",
    });
  });
});
