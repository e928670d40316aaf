import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toInstant } from "../../src/domain/plain/rfc3339.ts";
import type { EvidenceAnswer } from "../../src/domain/replay.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { differencesOf } from "../../src/replay/compare.ts";
import { type Recorded, recordedOf } from "../../src/replay/recorded.ts";
import { rejudge, Replay } from "../../src/replay/rejudge.ts";
import { emptyState } from "../../src/verdict/memory/judge-state.ts";
import { dumpState } from "../../src/verdict/memory/target-state.ts";
import { runs } from "../runs.ts";
import { pagesOf } from "./pages.ts";
import { KEYS, play, type Script, worlds } from "../verdict/happenings.ts";
import { REGIONS, settledWorld, type World } from "../verdict/world.ts";

type Page = Pick<EvidenceAnswer, "replay" | "withheld">;

const recorded = (pages: Page[]): Recorded => {
  const all = recordedOf(pages);
  if (typeof all === "string") throw new Error(all);
  return all;
};

/** The answers on all targets after a number of judgements. */
interface Answered {
  at: number;
  judgements: number;
  told: VerdictAnswer[];
}

/** All judgements of a world, with the memory after each judgement. */
const played = (script: Script): { world: World; memories: string[]; answers: Answered[] } => {
  const memories: string[] = [dumpState(emptyState())];
  const answers: Answered[] = [];
  const world = play(script, {
    watch: (made) => {
      for (let missing = made.journal.length; missing > 0; missing -= 1) memories.push(dumpState(made.state));
      made.onJudged = () => memories.push(dumpState(made.state));
      return (forMs) => {
        made.run(forMs);
        answers.push({
          at: made.now,
          judgements: made.journal.length,
          told: KEYS.map((key) => made.answer(key)),
        });
      };
    },
  });
  return { world, memories, answers };
};

describe("what is judged again", () => {
  it("gives what was published, and at each instant what was answered then, wherever it begins and however it is cut", () => {
    fc.assert(
      fc.property(
        worlds,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 90 }),
        (script, share, size) => {
          const { world, memories, answers } = played(script);
          // The judgements before `drawn` place all targets. Several of them are of one instant.
          const drawn = KEYS.length + 1 + Math.floor(share * (world.journal.length - KEYS.length - 2));
          // The replay must begin with the first judgement of an instant, since what is published is identified by its instant.
          const isBegin = (index: number): boolean =>
            world.journal[index - 1]?.at !== world.journal[index]?.at;
          const first = world.journal.findIndex((_, index) => index >= drawn && isBegin(index));
          fc.pre(first !== -1);
          const record = recorded(pagesOf(world, { first, snapshot: memories[first] ?? "", size }));
          const replay = Replay.of(record);
          const since = world.journal[first]?.at ?? Infinity;
          expect(replay.changes).toEqual(
            world.changes.filter(({ transition }) => transition.at >= toInstant(since)),
          );
          expect(differencesOf(record.published, replay.changes)).toEqual([]);
          for (const { at, judgements, told } of answers) {
            // A later judgement of the same instant would also count for that instant.
            const isLast = world.journal[judgements]?.at !== at;
            if (at >= since && isLast) expect(replay.answersAt(at)).toEqual(told);
          }
        },
      ),
      { numRuns: runs(15) },
    );
  });

  it("is the same at an instant whatever was asked before", () => {
    const world = settledWorld();
    world.set("fra/db-1", "refused");
    world.run(40_000);
    const record = recorded(pagesOf(world));
    const forwards = Replay.of(record);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 8 }),
        (instants) => {
          for (const after of instants) {
            const at = forwards.from + after;
            expect(dumpState(forwards.stateAt(at))).toBe(dumpState(Replay.of(record).stateAt(at)));
          }
        },
      ),
      { numRuns: runs(10) },
    );
  });

  it("tells where what was published is another thing", () => {
    const world = settledWorld();
    world.set("fra/db-1", "refused");
    world.run(40_000);
    const record = recorded(pagesOf(world));
    const newest = record.published.findLast(({ to }) => to === "process_crashed");
    if (newest === undefined) throw new Error("it has not crashed");
    newest.to = "node_dead";
    const extra = { ...newest, sequence: 999 };
    record.published.push(extra);
    const { changes } = Replay.of(record);
    expect(differencesOf(record.published, changes)).toEqual([
      { published: newest, replayed: { ...newest, to: "process_crashed" } },
      { published: extra, replayed: null },
    ]);
    const alone = differencesOf(record.published.slice(0, 3), changes);
    expect(alone.every(({ published }) => published === null)).toBe(true);
  });
});

describe("what if", () => {
  it("somebody had never looked: he is in no evidence, and nothing else is missing", () => {
    fc.assert(
      fc.property(worlds, fc.constantFrom(...REGIONS), (script, without) => {
        const { world } = played(script);
        const record = recorded(pagesOf(world));
        const replay = Replay.of(record, { without: [without], policy: {} });
        for (const { transition } of replay.changes)
          expect(transition.evidence.map(({ vantage }) => vantage)).not.toContain(without);
        for (const { evidence, notCounted } of replay.answersAt(world.now))
          expect([...evidence, ...notCounted].map(({ vantage }) => vantage)).not.toContain(without);
      }),
      { numRuns: runs(10) },
    );
  });

  it("nobody had been missing who was not there: all is as it was", () => {
    fc.assert(
      fc.property(worlds, (script) => {
        const { world } = played(script);
        const record = recorded(pagesOf(world));
        const { changes } = Replay.of(record, { without: ["nobody"], policy: {} });
        const words = ({
          site,
          target,
          transition: { from, to, confirmed, sequence },
        }: (typeof changes)[number]) => `${site}/${target} ${sequence} ${from} ${to} ${confirmed}`;
        expect(changes.map(words)).toEqual(world.changes.map(words));
      }),
      { numRuns: runs(10) },
    );
  });

  it("the policy had been another: failover is advised where proof from outside is enough", () => {
    const world = settledWorld();
    world.set("fra/db-1", "refused");
    world.run(60_000);
    const record = recorded(pagesOf(world));
    const advised = (policy: object): boolean =>
      Replay.of(record, { without: [], policy }).changes.some(
        ({ target, transition }) => target === "db-1" && transition.advice.failover,
      );
    expect(advised({})).toBe(false);
    expect(advised({ outsideProof: true })).toBe(true);
  });
});

describe("a record", () => {
  const world = settledWorld();
  const pages = pagesOf(world, { size: 20 });
  it.each([
    { name: "no page", pages: [], says: "there is no page" },
    { name: "a page is missing", pages: pages.toSpliced(1, 1), says: "are missing: give all pages" },
    { name: "the first is missing", pages: pages.slice(1), says: "the first of them has the snapshot" },
    { name: "there are two answers", pages: [...pages, ...pages], says: "of more than one answer" },
    {
      name: "it is withheld",
      pages: [{ replay: null, withheld: "this token reads other sites only" }],
      says: "this token reads other sites only",
    },
    { name: "it was not asked for", pages: [{ replay: null, withheld: null }], says: "leave `only` out" },
  ])("is none where $name", ({ pages: given, says }) => {
    expect(recordedOf(given)).toContain(says);
  });

  it("is judged entry by entry", () => {
    const record = recorded(pages);
    expect([...rejudge(record)].map(({ at }) => at)).toEqual(world.journal.map(({ at }) => at));
  });
});
