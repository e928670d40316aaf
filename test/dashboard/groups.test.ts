import { describe, expect, test } from "vitest";
import { ACTS, type ActKind, callOf, NO_ACT } from "../../src/dashboard/acts.ts";
import { pageOf } from "../../src/dashboard/page-document.ts";
import { groupsIn } from "../../src/dashboard/groups.tsx";
import type { PageState } from "../../src/dashboard/shown-state.ts";
import {
  FreezeRequestSchema,
  FREEZE_MAX_MS,
  type GroupAnswer,
  type StatedGroup,
  SwitchRequestSchema,
} from "../../src/domain/group.ts";
import {
  AT,
  frozenLeader,
  leaderless,
  poolAtItsLimit,
  poolWithOneOut,
  switchingLeader,
  wellPool,
  withheldLeader,
} from "../group/answers.ts";
import { stateOf, verdictOf } from "./states.ts";

const LIVE = { trouble: "", by: "events", rows: { first: 0, count: 60, heightPx: 28 } } as const;

const stated = (group: string, answer: GroupAnswer | null): StatedGroup => ({
  group,
  mode: answer?.mode ?? "pool",
  sites: [...new Set((answer?.members ?? []).map(({ site }) => site))],
  state: answer === null ? null : { ...answer, group },
});

const pageFor = (groups: StatedGroup[] | null, changes: Partial<PageState> = {}): Promise<string> =>
  pageOf(stateOf([verdictOf()], { groups, now: AT + 60_000, ...changes }));

const textOf = (html: string): string =>
  html
    .replace(/^.*<section id="groups"/s, "<section")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ([,:])/g, "$1");

const read = async (answer: GroupAnswer | null, changes: Partial<PageState> = {}): Promise<string> =>
  textOf(await pageFor([stated("web", answer)], changes));

describe("a group's card", () => {
  test.each([
    [
      "a pool that is well",
      wellPool(),
      ["1 of 1 group as they should be", "3 of 3 serve", "a pool", "serves"],
    ],
    ["a pool with one out", poolWithOneOut(), ["2 of 3 serve", "s0 / db", "is out", "s0/db went out"]],
    ["a pool at its limit", poolAtItsLimit(), ["2 of 3 serve", "max out", "1 of 3 may be out"]],
    [
      "a leader that stays",
      withheldLeader(),
      ["s0/db leads", "epoch 1", "advice", "failover is not advised", "waits"],
    ],
    [
      "a group that is frozen",
      frozenLeader(),
      ["frozen", "ops-anna lets nothing change until 01:10:00Z: a migration"],
    ],
    [
      "one without a leader",
      leaderless(),
      ["nobody leads", "lease", "a fit member has to ask for the lease"],
    ],
    [
      "a planned change",
      switchingLeader(),
      ["switching", "ops-anna gives the lead to s1/db (a new kernel)", "stopping"],
    ],
    [
      "one that does not answer",
      null,
      ["0 of 1 group", "does not answer", "nothing changes who serves or leads"],
    ],
  ])("of %s says so", async (_, answer, words) => {
    const text = await read(answer);
    for (const word of words) expect(text).toContain(word);
  });

  test("says each brake that holds all of it once", async () => {
    expect((await read(frozenLeader())).match(/a migration/g)).toHaveLength(1);
  });

  test("leads to the group's history, and to its members", async () => {
    const html = await pageFor([stated("web", poolWithOneOut())]);
    expect(html).toContain('href="/v1/groups/web/history"');
    expect(html).toContain('href="/?site=s0&amp;target=db"');
  });

  test.each([
    ["a leader's group", withheldLeader(), ["freeze", "switch"]],
    ["a frozen one", frozenLeader(), ["thaw"]],
    ["one that is switching", switchingLeader(), ["freeze"]],
    ["a pool", wellPool(), ["freeze"]],
  ])("of %s has buttons where a script runs, and commands where none does", async (_, answer, kinds) => {
    const live = await pageFor([stated("web", answer)], { live: LIVE });
    const card = live.replace(/^.*<section id="groups"/s, "");
    const buttons = [...card.matchAll(/data-act="(\w+)"(?! data-to)/g)].map(([, kind]) => kind);
    expect(buttons).toEqual(kinds);
    const still = await pageFor([stated("web", answer)]);
    expect(still).not.toContain("data-act");
    for (const kind of kinds) expect(still).toContain(ACTS[kind as ActKind].says);
  });

  test("offers the lead to those alone that might have it", async () => {
    const html = await pageFor([stated("web", withheldLeader())], { live: LIVE });
    expect([...html.matchAll(/data-to="([^"]+)"/g)].map(([, to]) => to)).toEqual(["s1/db", "s2/db"]);
  });

  test("shows what an operator said as text, whatever it is", async () => {
    const frozen = { reason: "<script>alert(1)</script>", until: "2026-11-22T04:00:00.000Z", by: "anna" };
    const html = await pageFor([stated("web", frozenLeader({ frozen, because: "<b>" }))]);
    expect(html).not.toContain("<script>alert");
    expect(html).toContain("&lt;b&gt;");
  });
});

describe("the groups", () => {
  test("stand in the order in which somebody should look at them, the rest in short", async () => {
    const many = Array.from({ length: 14 }, (_, index) => stated(`well-${index}`, wellPool()));
    const html = await pageFor([...many, stated("still", frozenLeader()), stated("none", leaderless())]);
    const cards = [...html.matchAll(/data-group="([^"]+)"/g)].map(([, group]) => group);
    expect(cards.slice(0, 3)).toEqual(["none", "still", "well-0"]);
    expect(cards).toHaveLength(12);
    expect(textOf(html)).toContain("well-13 3 of 3 serve");
    expect(textOf(html)).toContain("14 of 16 groups as they should be");
  });

  test("are left out where there is none, and said to be unknown where nobody tells", async () => {
    expect(await pageFor([])).not.toContain('id="groups"');
    expect(await pageFor(null)).toContain("Which groups there are is not known");
  });

  test("are of now: a page of the past has none", async () => {
    const past = {
      at: AT,
      from: 0,
      until: AT,
      busy: false,
      trouble: "",
      without: [],
    } as unknown as PageState["past"];
    const { GroupCards } = await import("../../src/dashboard/groups.tsx");
    expect(GroupCards({ state: stateOf([], { groups: [stated("web", wellPool())], past }) })).toBeNull();
  });

  test("of a view are those with a member in it", () => {
    const pool = stated("web", wellPool());
    const other = { ...stated("db", withheldLeader()), sites: ["elsewhere"] };
    const none = { ...stated("gone", null), sites: ["s0"] };
    const names = (site: string | null, target: string | null) =>
      groupsIn([pool, other, none], { site, target, filter: "", at: null }).map(({ group }) => group);
    expect(names(null, null)).toEqual(["web", "db", "gone"]);
    expect(names("s0", null)).toEqual(["web", "gone"]);
    expect(names("s0", "db")).toEqual(["web", "gone"]);
    expect(names("s0", "other")).toEqual(["gone"]);
  });
});

describe("what may be done about a group", () => {
  const given = {
    ...NO_ACT,
    origin: "https://p.example",
    group: "db",
    reason: "INC-1",
    minutes: 60,
    now: AT,
  };

  test("a freeze ends by itself, and its longest is one that the detector takes", () => {
    const { method, path, body } = callOf("freeze", { ...given, minutes: ACTS.freeze.minutesMax });
    expect([method, path]).toEqual(["POST", "/v1/groups/db/freeze"]);
    expect(FreezeRequestSchema.parse(body)).toEqual({ reason: "INC-1", ttlMs: FREEZE_MAX_MS });
    expect(callOf("thaw", given)).toMatchObject({ method: "DELETE", path: "/v1/groups/db/freeze" });
  });

  test.each([
    ["", {}],
    ["fra/db-2", { to: "fra/db-2" }],
  ])("a switch to %j asks for it with its reason", (to, asked) => {
    const { path, body } = callOf("switch", { ...given, to });
    expect(path).toBe("/v1/groups/db/switch");
    expect(SwitchRequestSchema.parse(body)).toEqual({ ...asked, reason: "INC-1" });
  });
});
