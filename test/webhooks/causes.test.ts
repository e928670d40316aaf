import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Verdict, VERDICTS } from "../../src/domain/verdict.ts";
import type { Webhook } from "../../src/domain/webhook.ts";
import type { NotifiedCause, Scene, SeenTarget } from "../../src/webhooks/cause.ts";
import { causesNow, tellsCauses } from "../../src/webhooks/causes.ts";
import type { Note } from "../../src/webhooks/format/note.ts";

const AT = "2026-11-28T18:00:04.120Z";
const SINCE = "2026-11-28T18:00:00.000Z";

const webhook = (changes: Partial<Webhook> = {}): Webhook => ({
  id: "ops",
  url: "https://example.com/",
  format: "slack",
  events: "all",
  disabled: false,
  keys: [],
  gone: null,
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});

const seen = (key: string, verdict: Verdict, changes: Partial<SeenTarget> = {}): SeenTarget => {
  const [site = "", target = ""] = key.split("/");
  return {
    site,
    target,
    verdict,
    confirmed: false,
    because: `${verdict} it is`,
    since: SINCE,
    ageMs: 60_000,
    routing: VERDICTS[verdict].isDown ? "avoid" : "serve",
    failover: false,
    muted: false,
    isOfFall: false,
    drill: null,
    ...changes,
  };
};

const sceneOf = (all: readonly SeenTarget[]): Scene => ({
  at: AT,
  troubled: all.filter(({ verdict }) => verdict !== "alive"),
  look: (key) => all.find(({ site, target }) => `${site}/${target}` === key) ?? null,
});

/** The notes that one webhook receives, from scene to scene. */
class Listener {
  readonly #webhook: Webhook;
  known: NotifiedCause[] = [];
  waitMs = Infinity;

  constructor(changes: Partial<Webhook> = {}) {
    this.#webhook = webhook(changes);
  }

  /** The notes of a scene, as `state about`. */
  hear(...all: SeenTarget[]): string[] {
    return this.notes(...all).map(({ state, about }) => `${state} ${about}`);
  }

  notes(...all: SeenTarget[]): Note[] {
    const { causes, notes, waitMs } = causesNow(this.known, sceneOf(all), this.#webhook);
    this.waitMs = waitMs;
    // The causes as they are after being stored.
    this.known = JSON.parse(JSON.stringify(causes)) as NotifiedCause[];
    return notes;
  }
}

const SITE = ["fra/a", "fra/b", "fra/c"];
const fallen = SITE.map((key) => seen(key, "unreachable", { isOfFall: true }));
const well = SITE.map((key) => seen(key, "alive"));

describe("people are told", () => {
  it("of a target once when it is in trouble, and once when it is well", () => {
    const listener = new Listener();
    const [note] = listener.notes(seen("fra/a", "node_dead"));
    expect(note).toMatchObject({
      state: "begins",
      about: "fra/a",
      title: "fra/a: node_dead",
      sentence: "node_dead it is",
      severity: "error",
      since: SINCE,
      at: AT,
      automation: "Keep traffic away; do not fail over",
    });
    expect(listener.hear(seen("fra/a", "node_dead", { confirmed: true }))).toEqual([]);
    expect(listener.hear(seen("fra/a", "process_hung"))).toEqual([]);
    const [over] = listener.notes(seen("fra/a", "alive"));
    expect(over).toMatchObject({
      state: "over",
      title: "fra/a: well again",
      since: SINCE,
      automation: "Send traffic; do not fail over",
    });
    expect(listener.known).toEqual([]);
  });

  it.each<[Webhook["events"], string[]]>([
    ["all", ["continues fra/a", "continues fra/a"]],
    ["verdict", []],
  ])("with events %s between the two: %j", (events, expected) => {
    const listener = new Listener({ events });
    listener.hear(seen("fra/a", "gray"));
    expect([
      ...listener.hear(seen("fra/a", "node_dead")),
      ...listener.hear(seen("fra/a", "node_dead", { failover: true, confirmed: true })),
    ]).toEqual(expected);
    // The webhook gets no message that it gets better before the cause is over.
    expect(listener.hear(seen("fra/a", "gray"))).toEqual([]);
    expect(listener.hear(seen("fra/a", "alive"))).toEqual(["over fra/a"]);
  });

  it("of what lasts, and not of what is over in a moment; a site that falls meanwhile is told at once", () => {
    const brief = seen("fra/a", "unreachable", { ageMs: 1_000 });
    const listener = new Listener();
    expect(listener.hear(brief)).toEqual([]);
    expect(listener.waitMs).toBe(4_000);
    expect(listener.hear(seen("fra/a", "alive"))).toEqual([]);
    expect(listener.waitMs).toBe(Infinity);
    listener.hear(brief, seen("fra/b", "unreachable", { ageMs: 600 }));
    expect(listener.notes(...fallen.map((one) => ({ ...one, ageMs: 0 })))).toMatchObject([
      { about: "fra", count: 3 },
    ]);
    expect(listener.waitMs).toBe(Infinity);
    expect(new Listener().hear(seen("fra/a", "gray", { ageMs: 5_000 }))).toEqual(["begins fra/a"]);
  });

  it("with events failover of failover advice alone", () => {
    const listener = new Listener({ events: "failover" });
    expect(listener.hear(seen("fra/a", "node_dead"))).toEqual([]);
    const [note] = listener.notes(seen("fra/a", "node_dead", { failover: true }));
    expect(note).toMatchObject({
      state: "begins",
      title: "fra/a: failover is advised (node_dead)",
      since: AT,
    });
    expect(listener.hear(seen("fra/a", "isolated"))).toEqual(["over fra/a"]);
  });

  it("of a site that fell once, its targets inside, and once when all of it is well", () => {
    const listener = new Listener();
    const [note] = listener.notes(...fallen);
    expect(note).toMatchObject({
      state: "begins",
      about: "fra",
      title: "fra: the whole site fell, 3 targets",
      target: null,
      severity: "critical",
      targets: ["a", "b", "c"],
      count: 3,
      automation: "Keep traffic away from 3 of 3; fail over 0 of 3",
    });
    const [first = seen("", "alive"), ...others] = fallen;
    expect(listener.hear(...others, seen("fra/a", "gray"))).toEqual([]);
    expect(listener.hear(...others, seen("fra/a", "alive"))).toEqual([]);
    // A target of the site that falls again, or falls late, belongs to the same cause.
    expect(listener.hear(first, ...others, seen("fra/late", "unreachable"))).toEqual([]);
    expect(listener.hear(...well, seen("fra/late", "gray"))).toEqual([]);
    const [over] = listener.notes(...well, seen("fra/late", "alive"));
    expect(over).toMatchObject({
      state: "over",
      about: "fra",
      title: "fra: 4 targets, well again",
      targets: ["a", "b", "c", "late"],
    });
  });

  it("of many that begin together as of one, and of few each by itself", () => {
    const many = Array.from({ length: 5 }, (_, index) => seen(`fra/n-${index}`, "gray"));
    expect(new Listener().notes(...many)).toMatchObject([
      { about: "fra", title: "fra: 5 targets in trouble" },
    ]);
    expect(new Listener().hear(...many.slice(1))).toHaveLength(4);
  });

  it("of many that begin one after the other by four messages, and of the others as of one", () => {
    const listener = new Listener();
    const all = Array.from({ length: 40 }, (_, index) => seen(`fra/n-${index}`, "process_crashed"));
    const told = all.flatMap((_, index) => listener.notes(...all.slice(0, index + 1)));
    expect(told.map(({ about }) => about)).toEqual(["fra/n-0", "fra/n-1", "fra/n-2", "fra/n-3", "fra"]);
    expect(told.at(-1)?.title).toBe("fra: 1 target more in trouble");
    const over = listener.notes(...all.map(({ site, target }) => seen(`${site}/${target}`, "alive")));
    expect(over.map(({ about }) => about).toSorted()).toEqual(told.map(({ about }) => about).toSorted());
    expect(over.find(({ about }) => about === "fra")?.title).toBe("fra: 36 targets, well again");
  });

  it("of failover in a site that fell, when it is advised", () => {
    const listener = new Listener();
    listener.hear(...fallen);
    const dead = SITE.map((key, index) => seen(key, "node_dead", { failover: index === 0 }));
    expect(listener.notes(...dead)).toMatchObject([
      { state: "continues", automation: "Keep traffic away from 3 of 3; fail over 1 of 3" },
    ]);
  });

  it("of one that was in trouble before its site fell, as of a trouble of its own", () => {
    const listener = new Listener();
    expect(listener.hear(seen("fra/a", "node_dead"))).toEqual(["begins fra/a"]);
    expect(listener.hear(...fallen)).toEqual(["begins fra"]);
    expect(listener.hear(...well).toSorted()).toEqual(["over fra", "over fra/a"]);
  });

  it("nothing while a mute holds; when it ends, of what is still down; and of an end, whatever is muted", () => {
    const listener = new Listener();
    expect(listener.hear(seen("fra/a", "node_dead", { muted: true }))).toEqual([]);
    expect(listener.hear(seen("fra/a", "node_dead"))).toEqual(["begins fra/a"]);
    expect(listener.hear(seen("fra/a", "node_dead", { muted: true, failover: true }))).toEqual([]);
    expect(listener.hear(seen("fra/a", "alive", { muted: true }))).toEqual(["over fra/a"]);
    expect(listener.hear(seen("fra/a", "gray", { muted: true }), seen("fra/a", "alive"))).toEqual([]);
  });

  it("nothing of a drill that is not live, and of one that is with its name", () => {
    const drill = { id: "drill-0-3", live: false };
    expect(new Listener().hear(seen("fra/a", "node_dead", { drill }))).toEqual([]);
    expect(
      new Listener().notes(seen("fra/a", "node_dead", { drill: { ...drill, live: true } })),
    ).toMatchObject([{ title: "Drill drill-0-3: fra/a: node_dead", drill: "drill-0-3" }]);
    // A rehearsal during a real trouble does not end the trouble.
    const listener = new Listener();
    listener.hear(seen("fra/a", "node_dead"));
    expect(listener.hear(seen("fra/a", "node_dead", { drill }))).toEqual([]);
    expect(listener.hear(seen("fra/a", "alive"))).toEqual(["over fra/a"]);
  });

  it("nothing where nobody knows, which ends nothing either", () => {
    const listener = new Listener();
    expect(listener.hear(seen("fra/a", "unknown"))).toEqual([]);
    listener.hear(seen("fra/a", "gray"));
    expect(listener.hear(seen("fra/a", "unknown"))).toEqual([]);
    expect(listener.hear(seen("fra/a", "gray"))).toEqual([]);
    expect(listener.hear(seen("fra/a", "alive"))).toEqual(["over fra/a"]);
  });

  it("that a trouble is over where its target is not watched any more", () => {
    const listener = new Listener();
    listener.hear(seen("fra/a", "gray"));
    expect(listener.notes()).toMatchObject([{ state: "over", title: "fra/a: not watched any more" }]);
  });

  it("of their own sites alone, and nothing while the webhook is disabled", () => {
    expect(new Listener({ sites: ["ams"] }).hear(...fallen)).toEqual([]);
    const off = new Listener({ disabled: true });
    expect(off.hear(...fallen)).toEqual([]);
    expect(new Listener({ gone: "the receiver answered 410" }).hear(...fallen)).toEqual([]);
  });

  it("of 200 troubles in 200 sites bit by bit, each once", () => {
    const listener = new Listener();
    const all = Array.from({ length: 200 }, (_, index) => seen(`s-${index}/a`, "gray"));
    const told: string[] = [];
    for (let round = 0; round < 5; round++) told.push(...listener.hear(...all));
    expect(told.length).toBe(200);
    expect(new Set(told).size).toBe(200);
  });
});

test("10,000 targets of one site that fall at once are one note of bounded size", () => {
  const all = Array.from({ length: 10_000 }, (_, index) =>
    seen(`fra/node-${index}`, "unreachable", { isOfFall: true, because: "x".repeat(4_000) }),
  );
  const keys = new Map(all.map((one) => [`${one.site}/${one.target}`, one]));
  const scene = { at: AT, troubled: all, look: (key: string) => keys.get(key) ?? null };
  const { notes, causes } = causesNow([], scene, webhook());
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatchObject({ count: 10_000, about: "fra" });
  expect(JSON.stringify(notes[0]).length).toBeLessThan(10_000);
  const after = causesNow(causes, { ...scene, troubled: [], look: () => null }, webhook());
  expect(after.notes).toMatchObject([{ state: "over", count: 10_000 }]);
});

test("whatever happens, causes begin and end in turn, and none is left when all is well", () => {
  const keys = ["fra/a", "fra/b", "fra/c", "fra/d", "fra/e", "fra/f", "ams/a"];
  const one = fc.record({
    verdict: fc.constantFrom(...(Object.keys(VERDICTS) as Verdict[])),
    failover: fc.boolean(),
    muted: fc.boolean(),
    isOfFall: fc.boolean(),
    drill: fc.constantFrom(null, { id: "drill-0-1", live: false }, { id: "drill-0-2", live: true }),
    isThere: fc.boolean(),
    ageMs: fc.constantFrom(0, 4_999, 5_000),
  });
  const scenes = fc.array(fc.tuple(...keys.map(() => one)), { maxLength: 12 });
  const events = fc.constantFrom("all" as const, "verdict" as const, "failover" as const);
  fc.assert(
    fc.property(scenes, events, (played, wanted) => {
      const listener = new Listener({ events: wanted });
      const open = new Set<string>();
      const hear = (all: SeenTarget[]): void => {
        const notes = listener.notes(...all);
        for (const { state, about } of notes) {
          expect(open.has(about), `${state} ${about}`).toBe(state !== "begins");
          if (state === "begins") open.add(about);
          if (state === "over") open.delete(about);
        }
        // At most one note about a cause at a time, and each target in at most one cause.
        expect(new Set(notes.map(({ about }) => about)).size).toBe(notes.length);
        const members = listener.known.flatMap((cause) => cause.members);
        expect(new Set(members).size).toBe(members.length);
        expect(listener.known.map(({ key }) => key).toSorted()).toEqual([...open].toSorted());
      };
      for (const scene of played)
        hear(
          scene.flatMap(({ isThere, ...said }, index) =>
            isThere ? [seen(keys[index] ?? "", said.verdict, said)] : [],
          ),
        );
      hear(keys.map((key) => seen(key, "alive")));
      expect(open.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("programs are told of transitions, people of causes", () => {
  expect(tellsCauses({})).toBe(false);
  expect(tellsCauses({ format: "standard" })).toBe(false);
  for (const format of ["slack", "pagerduty", "discord", "generic-template"] as const)
    expect(tellsCauses({ format })).toBe(true);
});
