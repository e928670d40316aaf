import { describe, expect, it } from "vitest";
import { judge as production, type Judgement } from "../../../src/verdict/judge.ts";
import { type ControlRecord, type Edge, NEVER } from "../../../src/verdict/memory/judge-state.ts";
import type { Judge } from "../parallax/aggregator.ts";
import { KEY } from "../../../test/verdict/look.ts";
import type { World } from "../../../test/verdict/world.ts";
import { type Facts, targetsIn } from "./history.ts";
import { lawNamed, LAWS } from "./laws.ts";
import { historyOf, INTERVAL_MS, publishing, saying, settled, tampered, toldIn, VANTAGES } from "./stub.ts";

const broken = (name: string, judge: Judge, world: World, facts: Partial<Facts> = {}): string[] =>
  lawNamed(name)
    .breaches(historyOf(judge, world, facts), judge)
    .map(({ says }) => says);

/** From so long after the world has settled on a stub lies, milliseconds. */
const LATER_MS = 10_000;

/** Another transition at the first call after an instant. */
const once = (at: number, ...[change, key]: [Parameters<typeof saying>[1], string?]): Judge => {
  let isSaid = false;
  return tampered((judgement, _, now) => {
    if (now < at || isSaid) return judgement;
    isSaid = true;
    return { ...judgement, changes: [...judgement.changes, saying(now, change, key)] };
  });
};

const dying = (): World => {
  const world = settled();
  world.set(KEY, "silent");
  world.run(40_000);
  return world;
};

const served = (to: number): Partial<Facts> => {
  const spans = VANTAGES.map((vantage) => ({ key: KEY, vantage, from: 0, to }));
  return { served: spans, clear: spans };
};

describe("no failover of the served", () => {
  it("is broken by failover while vantages are served, and not once they can be no more", () => {
    const world = settled();
    const at = world.now;
    world.run(LATER_MS);
    const lying = (): Judge => once(at, { to: "node_dead", failover: true });
    expect(broken("no-failover-of-the-served", lying(), world, served(Infinity))).toHaveLength(1);
    expect(broken("no-failover-of-the-served", lying(), world, served(at - INTERVAL_MS))).toEqual([]);
    expect(broken("no-failover-of-the-served", production, world, served(Infinity))).toEqual([]);
  });
});

describe("nobody served is avoided", () => {
  it("is broken by `serve` for what nobody reaches, and kept by the judge", () => {
    const serving = tampered((judgement) =>
      publishing(judgement, ({ published }) => ({ advice: { ...published.advice, routing: "serve" } })),
    );
    expect(broken("nobody-served-is-avoided", serving, dying())).toHaveLength(1);
    expect(broken("nobody-served-is-avoided", production, dying())).toEqual([]);
    expect(broken("nobody-served-is-avoided", serving, settled())).toEqual([]);
  });
});

describe("the served", () => {
  it("are not avoided; a judge that does is caught, while they can be served", () => {
    const avoiding = tampered((judgement) =>
      publishing(judgement, ({ published }) => ({
        rule: "stub",
        advice: { ...published.advice, routing: "avoid" },
      })),
    );
    const world = settled();
    world.run(LATER_MS);
    expect(broken("the-served-are-not-avoided", avoiding, world, served(Infinity))).toHaveLength(1);
    expect(broken("the-served-are-not-avoided", avoiding, world, served(0))).toEqual([]);
    expect(broken("the-served-are-not-avoided", production, world, served(Infinity))).toEqual([]);
  });
});

describe("an instant", () => {
  it("does not hear two things of one target; a judge that takes back what it has just said is caught", () => {
    const world = settled();
    const hasty = tampered((judgement, events, now) => {
      const said = [saying(now, { to: "unreachable" }), saying(now, { to: "alive", routing: "serve" })];
      return events.length > 0 ? { ...judgement, changes: [...judgement.changes, ...said] } : judgement;
    });
    expect(broken("one-instant", hasty, world)).toHaveLength(1);
    expect(broken("one-instant", production, dying())).toEqual([]);
  });
});

describe("two kinds of evidence", () => {
  const lying = (world: World, to: "process_crashed" | "node_dead"): Judge => once(world.now, { to });
  const down = (world: World, condition: "refused" | "silent"): World => {
    world.set(KEY, condition);
    return world;
  };

  it("are asked for where the judge confirms by what is seen from outside alone", () => {
    for (const to of ["process_crashed", "node_dead"] as const) {
      const world = down(settled(), to === "node_dead" ? "silent" : "refused");
      const judge = lying(world, to);
      world.run(LATER_MS);
      expect(broken("two-kinds", judge, world).length).toBeGreaterThan(0);
    }
  });

  it("are given by a witness that answers, by the node's own notice and by `outsideProof`", () => {
    const withWitness = settled((world) => world.place(KEY, { witness: true }));
    const byNotice = settled();
    const proven = settled((world) => world.place(KEY, { policy: { outsideProof: true } }));
    for (const world of [withWitness, byNotice, proven]) {
      down(world, "refused");
      world.run(5_000);
      if (world === byNotice) {
        const notice = { site: "fra", target: "db-1", kind: "crash" as const, bootId: "a", at: world.now };
        world.tell({ kind: "notice", notice: { ...notice, restarting: false } });
      }
      world.run(25_000);
      const judge = once(world.now - 1_000, { to: "process_crashed" });
      const own = tampered((judgement) => ({ ...judgement, changes: [] }));
      const both: Judge = (before, events, now, tuning) => ({
        ...own(before, events, now, tuning),
        changes: judge(before, events, now, tuning).changes.filter(
          ({ transition }) => transition.rule === "stub",
        ),
      });
      expect(broken("two-kinds", both, world)).toEqual([]);
    }
  });
});

describe("a world that stands still", () => {
  /** Every so often another verdict. */
  const wavering = (everyMs: number, from: number): Judge => {
    let next = from;
    let turn = 0;
    return tampered((judgement, _, now) => {
      if (now < next) return judgement;
      next = now + everyMs;
      const to = turn++ % 2 === 0 ? ("gray" as const) : ("alive" as const);
      return { ...judgement, changes: [...judgement.changes, saying(now, { to, routing: "serve" })] };
    });
  };

  it("settles; a judge that wavers is caught, and one that does not is not", () => {
    const world = settled();
    const stillSince = world.now;
    world.run(60_000);
    expect(broken("settles", wavering(10_000, stillSince), world, { stillSince })).toHaveLength(1);
    expect(broken("settles", wavering(10_000, stillSince), world)).toEqual([]);
    expect(broken("settles", production, world, { stillSince })).toEqual([]);
  });

  it("has few transitions a minute", () => {
    const world = settled();
    const from = world.now;
    world.run(60_000);
    expect(broken("bounded-transitions", wavering(2_000, from), world)).toHaveLength(1);
    expect(broken("bounded-transitions", wavering(20_000, from), world)).toEqual([]);
  });
});

describe("dead channels", () => {
  it("are caught where a judge goes by a witness that never worked, and not where it works", () => {
    const blinded = (judgement: Judgement, events: Parameters<Judge>[1], now: number): Judgement => {
      const isSilent = events.some(
        (event) =>
          event.kind === "report" &&
          event.report.observations.some(({ subject, outcome }) => subject === "witness" && outcome !== "ok"),
      );
      return isSilent
        ? { ...judgement, changes: [...judgement.changes, saying(now, { to: "node_dead" })] }
        : judgement;
    };
    const worldWith = (condition: "ok" | "silent"): World =>
      settled((world) => {
        world.place(KEY, { witness: true });
        world.setWitness(KEY, condition);
        world.run(60_000);
      });
    expect(broken("dead-channels", tampered(blinded), worldWith("silent"))).toHaveLength(1);
    expect(broken("dead-channels", tampered(blinded), worldWith("ok"))).toEqual([]);
    expect(broken("dead-channels", production, worldWith("silent"))).toEqual([]);
  });
});

describe("batches", () => {
  const backlog = (world: World): Partial<Facts> => ({
    backlogs: [{ from: world.now - LATER_MS, to: world.now }],
  });

  it("are caught where the last word decides, and where something is said on the way", () => {
    const deaf =
      (judge: Judge): Judge =>
      (before, events, now, tuning) =>
        events.length === 0
          ? { state: before, changes: [], wanted: [], nextAt: NEVER }
          : judge(before, events, now, tuning);
    const byLast = tampered((judgement, events) => {
      const last = events.findLast(({ kind }) => kind === "report");
      if (last?.kind !== "report") return judgement;
      const verdict = last.report.vantage === VANTAGES[0] ? ("gray" as const) : ("alive" as const);
      return publishing(judgement, () => ({ verdict }));
    });
    const hasty = tampered((judgement, events, now) =>
      events.length === 1
        ? { ...judgement, changes: [...judgement.changes, saying(now, { to: "unreachable" })] }
        : judgement,
    );
    const world = settled();
    // The first vantage has just reported again, which by name is the last but in time.
    world.run(500);
    expect(broken("batches", deaf(byLast), world, backlog(world))).toHaveLength(1);
    expect(broken("batches", hasty, world, backlog(world))).toHaveLength(1);
    expect(broken("batches", production, world, backlog(world))).toEqual([]);
  });
});

describe("a healthy site", () => {
  it("is caught where others are judged by how much is watched", () => {
    const world = settled((one) => VANTAGES.forEach((id) => one.control(id, true)));
    world.run(30_000);
    const all = targetsIn(toldIn(world));
    const counting = tampered((judgement) =>
      judgement.state.targets.size === all.size
        ? publishing(judgement, () => ({ verdict: "gray" }))
        : judgement,
    );
    expect(broken("healthy-site", counting, world, { hale: ["ams"] })).toHaveLength(1);
    expect(broken("healthy-site", production, world, { hale: ["ams"] })).toEqual([]);
  });
});

describe("the state", () => {
  const EDGE: Edge = { recent: [], lastOk: null, connectMs: null, connects: 0 };
  const CONTROL: ControlRecord = { begin: 1, answered: true, answeredAt: 1, failures: 0 };
  const SITE = { proof: { at: 1, badness: 0, gap: null }, lost: null, paths: new Map(), targets: [] };

  /** Keeps one thing of what is gone. */
  const keeping = (what: "edges" | "controls" | "site"): Judge =>
    tampered((judgement) => {
      const { state } = judgement;
      const targets = mapped(state.targets, (one) =>
        what === "edges" ? { ...one, edges: new Map(one.edges).set("gone", EDGE) } : one,
      );
      const vantages = mapped(state.vantages, (one) =>
        what === "controls" ? { ...one, controls: new Map(one.controls).set("tcp://gone", CONTROL) } : one,
      );
      const sites = what === "site" ? new Map(state.sites).set("gone", SITE) : state.sites;
      return { ...judgement, state: { ...state, targets, vantages, sites } };
    });
  const mapped = <T>(known: ReadonlyMap<string, T>, change: (one: T) => T): Map<string, T> =>
    new Map([...known].map(([key, one]) => [key, change(one)]));

  it("is bounded, and is caught where anything that is gone stays", () => {
    const world = settled((one) => VANTAGES.forEach((id) => one.control(id, true)));
    expect(broken("bounded-state", production, world)).toEqual([]);
    for (const what of ["edges", "controls", "site"] as const)
      expect(broken("bounded-state", keeping(what), world)).toHaveLength(1);
  });
});

describe("answers", () => {
  it("that contradict themselves are caught", () => {
    const dead = tampered((judgement) =>
      publishing(judgement, () => ({ verdict: "node_dead", rule: "dead" })),
    );
    const world = settled();
    expect(broken("no-contradiction", dead, world).length).toBeGreaterThan(0);
    expect(broken("no-contradiction", production, world)).toEqual([]);
  });
});

describe("the laws", () => {
  it("have a name each, and a sentence", () => {
    expect(new Set(LAWS.map(({ name }) => name)).size).toBe(LAWS.length);
    for (const { sentence } of LAWS) expect(sentence.length).toBeGreaterThan(20);
    expect(() => lawNamed("gravity")).toThrow('no law "gravity"');
  });
});
