/** Laws of any course of a group, whatever happens to it and in whatever order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GroupAnswerSchema, GroupChangeSchema } from "../../src/domain/group.ts";
import { groupAnswer, leaderAnswer, leaseAnswer } from "../../src/group/group-answer.ts";
import { decide } from "../../src/group/decide.ts";
import { nextAt } from "../../src/group/due.ts";
import { switchUntil } from "../../src/group/leader.ts";
import type { GroupState } from "../../src/group/group-state.ts";
import { groupRuns } from "../runs.ts";
import { LAWS } from "./lawful.ts";
import { type List, lists, type Move, play } from "./random.ts";

const RUNS = 300;

/** Checks that `holds` passes for each list drawn. */
const always = (holds: (list: List) => void, drawn: fc.Arbitrary<List> = lists()): void => {
  fc.assert(fc.property(drawn, holds), { numRuns: groupRuns(RUNS) });
};

describe("of each move", () => {
  const obeys = (list: List): void => {
    const { moves } = play(list);
    for (const law of LAWS) moves.forEach(law());
  };

  test.each(["leader", "pool", undefined] as const)("every law holds, the mode being %s", (mode) => {
    always(obeys, lists(mode, 60));
  });

  test("a planned change refuses the old leader, and ends within two leases", () => {
    always((list) => {
      for (const { after, result } of play(list).moves) {
        const { switching, config } = after;
        if (switching === null || config === null || !result.ok) continue;
        if (switching.from !== null) expect(leaseAnswer(after, switching.from)).toBeNull();
        expect(after.at).toBeLessThan(switchUntil(config, switching.since));
      }
    }, lists("leader"));
  });

  test("an answer is what the schema says, and agrees with itself", () => {
    always((list) => {
      for (const { after, lines } of play(list).moves) {
        for (const line of lines) GroupChangeSchema.parse(line);
        agrees(after);
      }
    });
  });

  test("an event that is refused changes nothing but the instant", () => {
    always((list) => {
      for (const { before, after, result, lines } of play(list).moves)
        if (!result.ok) expect({ ...after, at: before.at, lines }).toEqual({ ...before, lines: [] });
    });
  });
});

const agrees = (state: GroupState): void => {
  const answer = groupAnswer(state);
  if (answer === null) {
    expect(state.config).toBeNull();
    expect(leaderAnswer(state)).toBeNull();
    return;
  }
  GroupAnswerSchema.parse(answer);
  const nameIn = ({ site, target }: { site: string; target: string }): string => `${site}/${target}`;
  const serving = answer.members.filter(({ serves }) => serves).map(nameIn);
  const leads = answer.members.filter((member) => member.leads).map(nameIn);
  expect(answer.serving.map(nameIn)).toEqual(serving);
  expect(leads).toEqual(answer.leader === null ? [] : [nameIn(answer.leader)]);
  if (answer.mode === "leader") expect(serving).toEqual(leads);
  else expect(leads).toEqual([]);
};

/** Freezes a value, so that a change in place throws. */
const frozen = <T>(value: T): T => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
};

describe("of deciding", () => {
  test("a state that was kept as JSON is decided alike, and never changed in place", () => {
    always((list) => {
      for (const { before, event, now, after, lines } of play(list).moves) {
        const kept = frozen(JSON.parse(JSON.stringify(before)) as GroupState);
        const again = decide(kept, frozen(event), now);
        expect(JSON.stringify([again.state, again.lines])).toBe(JSON.stringify([after, lines]));
      }
    });
  });

  test("words of shards that come at once are decided as those that come one by one", () => {
    const told = (moves: readonly Move[]) => moves.flatMap(({ lines }) => lines);
    always((list) => {
      const [singly, whole] = [play(list), play(list, true)];
      expect(whole.state).toEqual(singly.state);
      expect(told(whole.moves)).toEqual(told(singly.moves));
    });
  });

  test("it is due later than now, or never", () => {
    always((list) => {
      for (const { after } of play(list).moves) expect(nextAt(after)).toBeGreaterThan(after.at);
    });
  });
});
