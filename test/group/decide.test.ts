import { describe, expect, test } from "vitest";
import { groupAnswer, leaseAnswer } from "../../src/group/group-answer.ts";
import { asksNow, nextAt } from "../../src/group/due.ts";
import { servingOf } from "../../src/group/pool.ts";
import { configOf, Course, DEAD, LOST, nameAt, viewOf } from "./made.ts";

const MINUTE_MS = 60_000;

describe("an advisory leader", () => {
  const led = (count = 3): Course => {
    const course = new Course(configOf("leader", count));
    course.sees(1_000, ...Array.from({ length: count }, (_, index) => viewOf(index, 1_000)));
    return course;
  };

  test("is not the first one that was looked at", () => {
    const course = new Course(configOf("leader", 2));
    course.sees(1_000, viewOf(1, 1_000));
    expect(course.state.leader).toBeNull();
    course.sees(2_000, viewOf(0, 2_000), viewOf(1, 2_000));
    expect(course.state).toMatchObject({ leader: nameAt(0), epoch: 1 });
  });

  test("leads on while nobody advises failover, whatever its lease", () => {
    const course = led();
    course.happens(20_000, { kind: "lease-over", renewal: 1 });
    course.sees(30_000, viewOf(0, 30_000, LOST), viewOf(1, 30_000));
    expect(course.state).toMatchObject({ leader: nameAt(0), epoch: 1 });
    expect(groupAnswer(course.state)?.heldBy).toMatchObject([{ what: "advice" }]);
    expect(course.lines.at(-1)).toMatchObject({ kind: "withheld" });
  });

  test("has a successor once failover is advised, of members asked for just now", () => {
    const course = led();
    course.sees(MINUTE_MS, viewOf(0, MINUTE_MS, DEAD));
    expect(course.state.leader).toBe(nameAt(0));
    expect(asksNow(course.state)).toBe(true);
    course.sees(MINUTE_MS, viewOf(1, MINUTE_MS), viewOf(2, MINUTE_MS));
    expect(course.state).toMatchObject({ leader: nameAt(1), epoch: 2 });
  });

  test("is not said to be unadvised, nor withheld again, where its shard was not asked lately", () => {
    const course = led();
    course.happens(2_000, {
      kind: "freeze",
      reason: "a move",
      until: 60 * MINUTE_MS,
      by: "ADMIN_TOKEN",
    });
    for (const at of [MINUTE_MS, MINUTE_MS + 10_000]) {
      course.sees(at, viewOf(0, at, DEAD), viewOf(1, at), viewOf(2, at));
      course.happens(at + 6_000, { kind: "tick" });
      expect(groupAnswer(course.state)?.heldBy.map(({ what }) => what)).toContain("evidence");
    }
    expect(course.lines.filter(({ kind }) => kind === "withheld")).toMatchObject([
      { heldBy: [{ what: "freeze" }] },
    ]);
  });

  test("has none within the hold-down", () => {
    const course = led();
    course.sees(MINUTE_MS, viewOf(0, MINUTE_MS, DEAD), viewOf(1, MINUTE_MS), viewOf(2, MINUTE_MS));
    const all = (at: number): void =>
      course.sees(at, viewOf(0, at, DEAD), viewOf(1, at, DEAD), viewOf(2, at));
    all(MINUTE_MS + 10_000);
    expect(course.state.leader).toBe(nameAt(1));
    expect(groupAnswer(course.state)?.heldBy).toMatchObject([{ what: "hold-down" }]);
    expect(nextAt(course.state)).toBeLessThanOrEqual(2 * MINUTE_MS);
    all(2 * MINUTE_MS);
    expect(course.state).toMatchObject({ leader: nameAt(2), epoch: 3 });
  });
});

describe("a strict leader", () => {
  const led = (): Course => {
    const course = new Course(configOf("leader", 2, { lease: "strict" }));
    course.sees(1_000, viewOf(0, 1_000), viewOf(1, 1_000));
    course.asks(1_100, 1);
    course.asks(1_200, 0);
    return course;
  };

  test("is the preferred one, though another asked before", () => {
    const { state } = led();
    expect(state).toMatchObject({ leader: nameAt(0), epoch: 1 });
    expect(leaseAnswer(state, nameAt(0))).toMatchObject({ epoch: 1, lease: "strict" });
    expect(leaseAnswer(state, nameAt(1))).toBeNull();
  });

  test("leads no more when its lease has run out, and another that asks does", () => {
    const course = led();
    course.happens(20_000, { kind: "lease-over", renewal: course.state.lease?.renewal ?? 0 });
    expect(course.state.leader).toBeNull();
    course.sees(20_100, viewOf(0, 20_100, LOST), viewOf(1, 20_100));
    course.asks(20_200, 1);
    expect(course.state).toMatchObject({ leader: nameAt(1), epoch: 2 });
  });

  test("that is preferred, alive and silent keeps nobody waiting once its lease is over", () => {
    const course = led();
    course.asks(10_000, 0);
    course.asks(24_000, 1);
    // The conductor counts a lease from its last renewal, and adds a twentieth.
    course.happens(25_750, { kind: "lease-over", renewal: course.state.lease?.renewal ?? 0 });
    course.sees(25_800, viewOf(0, 25_800), viewOf(1, 25_800));
    course.asks(26_000, 1);
    expect(course.state).toMatchObject({ leader: nameAt(1), epoch: 2 });
  });

  test("has its lease again in the same epoch where nobody else had one", () => {
    const course = led();
    course.happens(20_000, { kind: "lease-over", renewal: course.state.lease?.renewal ?? 0 });
    course.asks(20_200, 0);
    expect(course.state).toMatchObject({ leader: nameAt(0), epoch: 1 });
    expect(leaseAnswer(course.state, nameAt(0))).not.toBeNull();
  });

  test("has no lease again in an epoch of which it has said that it stopped", () => {
    const course = led();
    course.happens(20_000, { kind: "lease-over", renewal: course.state.lease?.renewal ?? 0 });
    course.asks(20_100, 0, 1);
    course.sees(20_200, viewOf(0, 20_200), viewOf(1, 20_200));
    course.asks(20_300, 0);
    expect(course.state).toMatchObject({ leader: nameAt(0), epoch: 2 });
    course.asks(20_400, 0, 1);
    expect(course.state).toMatchObject({ leader: nameAt(0), epoch: 2 });
  });

  test("that was renewed is not ended by the timer of before", () => {
    const course = led();
    course.asks(5_000, 0);
    course.happens(17_000, { kind: "lease-over", renewal: 1 });
    expect(course.state.leader).toBe(nameAt(0));
  });

  test("is to stop before a planned successor leads", () => {
    const course = led();
    course.sees(10_000, viewOf(0, 10_000), viewOf(1, 10_000));
    course.asks(10_000, 1);
    course.happens(10_000, { kind: "switch", to: null, reason: "a new kernel", by: "ADMIN_TOKEN" });
    course.asks(10_100, 0);
    expect(leaseAnswer(course.state, nameAt(0))).toBeNull();
    course.asks(10_200, 1);
    expect(leaseAnswer(course.state, nameAt(1))).toBeNull();
    course.asks(10_300, 0, 1);
    course.asks(10_400, 1);
    expect(course.state).toMatchObject({ leader: nameAt(1), epoch: 2, switching: null });
  });
});

describe("whoever was told to stop when its lease ends", () => {
  const led = (): Course => {
    const course = new Course(configOf("leader", 2, { lease: "strict" }));
    course.sees(1_000, viewOf(0, 1_000), viewOf(1, 1_000));
    course.asks(1_000, 1);
    course.asks(1_000, 0);
    return course;
  };
  const made = (course: Course, at: number, policy: object): void => {
    course.happens(at, { kind: "configured", config: configOf("leader", 2, policy), by: "ADMIN_TOKEN" });
    course.sees(at, viewOf(0, at, DEAD), viewOf(1, at));
  };
  const isOver = (course: Course, at: number): void => {
    course.happens(at, { kind: "lease-over", renewal: course.state.lease?.renewal ?? 0 });
  };

  test.each(["strict", "advisory"])("is waited for where its group is made anew as %s", (lease) => {
    const course = led();
    course.happens(2_000, { kind: "deleted", by: "ADMIN_TOKEN" });
    made(course, 3_000, { lease, holdDownMs: 0, maxSwitchesPerHour: 60 });
    course.happens(3_000, { kind: "restarted" });
    course.asks(3_000, 1);
    expect(course.state.leader).toBeNull();
    expect(groupAnswer(course.state)?.heldBy).toContainEqual(
      expect.objectContaining({ what: "lease", until: "1970-01-01T00:00:18.000Z" }),
    );
    isOver(course, 4_000);
    course.asks(4_000, 1);
    expect(course.state).toMatchObject({ leader: nameAt(1), epoch: 2 });
  });

  test("has the longest time that it was told of, also after a restart", () => {
    const course = led();
    made(course, 2_000, { lease: "strict", leaseMs: 1_000 });
    course.asks(2_000, 0);
    course.happens(3_000, { kind: "restarted" });
    expect(course.state.lease).toMatchObject({ leaseMs: 15_000, until: 18_000 });
  });

  test("is not whoever was told before that it need not", () => {
    const course = new Course(configOf("leader", 2));
    course.sees(1_000, viewOf(0, 1_000), viewOf(1, 1_000));
    course.happens(2_000, {
      kind: "configured",
      config: configOf("leader", 2, { lease: "strict" }),
      by: "ADMIN_TOKEN",
    });
    course.asks(2_000, 0);
    isOver(course, 20_000);
    expect(course.state.leader).toBe(nameAt(0));
    expect(groupAnswer(course.state)?.warnings.join()).toContain("was told before that it need not stop");
  });
});

describe("a pool", () => {
  const full = (): Course => {
    const course = new Course(configOf("pool", 4));
    course.sees(1_000, ...[0, 1, 2, 3].map((index) => viewOf(index, 1_000)));
    return course;
  };

  test("keeps in what fell last", () => {
    const course = full();
    for (const index of [2, 0, 3, 1]) course.sees(2_000 + index, viewOf(index, 2_000 + index, DEAD));
    expect(servingOf(course.state)).toEqual([nameAt(1), nameAt(3)]);
    expect(groupAnswer(course.state)?.heldBy).toMatchObject([{ what: "max-out" }, { what: "max-out" }]);
  });

  test("takes a member back after the hold-down", () => {
    const course = full();
    course.sees(2_000, viewOf(0, 2_000, DEAD));
    course.sees(3_000, viewOf(0, 3_000));
    expect(servingOf(course.state)).not.toContain(nameAt(0));
    course.sees(3_000 + MINUTE_MS, viewOf(0, 3_000 + MINUTE_MS));
    expect(servingOf(course.state)).toContain(nameAt(0));
  });

  test("takes nobody back, and lets nobody go, on what is not fresh", () => {
    const course = full();
    course.sees(2_000, viewOf(0, 2_000, DEAD));
    course.sees(3_000, viewOf(0, 3_000));
    course.happens(3_000 + 2 * MINUTE_MS, { kind: "tick" });
    expect(servingOf(course.state)).not.toContain(nameAt(0));
    expect(groupAnswer(course.state)?.heldBy).toMatchObject([{ what: "evidence" }]);
    const late = 4_000 + 2 * MINUTE_MS;
    course.sees(late, viewOf(1, 2_000, DEAD), viewOf(0, late));
    expect(servingOf(course.state)).toHaveLength(4);
  });

  test("changes nothing where nothing is known", () => {
    const course = full();
    course.sees(2_000, viewOf(0, 2_000, { verdict: "unknown", routing: null, alive: false }));
    expect(servingOf(course.state)).toHaveLength(4);
  });
});
