/**
 * Random event lists: small worlds in which things happen, each from its first event on, and tails that
 * branch off at random points of such a world. Since the judge is pure, what led up to a tail is judged once.
 */
import fc from "fast-check";
import { Draw, nameOf } from "../../sim/draw.ts";
import { play, worlds } from "../happenings.ts";
import { compare, TUNING, emptyPair, type Tuning, type Pair } from "./compare.ts";
import { policies } from "./simulated.ts";
import { Tail } from "./tail.ts";
import { Counting, type Tally } from "./tally.ts";

/** Lists of one world: itself, and its tails. */
export const LISTS_OF_A_WORLD = 100;

export interface ListsTask {
  /** Worlds, by their seeds. */
  firstWorld: number;
  worlds: number;
}

/** The lists of these worlds. Same task, same lists. */
export const judgeLists = ({ firstWorld, worlds: count }: ListsTask): Tally => {
  const counting = new Counting();
  for (let seed = firstWorld; seed < firstWorld + count; seed++) judgeWorld(seed, counting);
  return counting.tally;
};

interface Branch {
  pair: Pair;
  now: number;
  nextAt: number;
}

const judgeWorld = (seed: number, counting: Counting): void => {
  const [script] = fc.sample(worlds, { seed, numRuns: 1 });
  if (script === undefined) throw new Error("no world was drawn");
  const { journal } = play(script);
  const branches: Branch[] = [];
  let pair = emptyPair();
  counting.begin(`world ${seed}`);
  for (const { at, events } of journal) {
    const compared = compare(pair, events, at);
    counting.count(compared, at);
    pair = compared.after;
    branches.push({ pair, now: at, nextAt: compared.judgement.nextAt });
  }
  for (let rank = 1; rank < LISTS_OF_A_WORLD; rank++) {
    const draw = new Draw(nameOf(seed, rank, 0x7461696c));
    counting.begin(`world ${seed}, tail ${rank}`);
    judgeTail(draw.pick(branches), draw, counting);
  }
};

const judgeTail = ({ pair: from, now: begin, nextAt: due }: Branch, draw: Draw, counting: Counting): void => {
  const policy: Tuning = draw.isHit(0.1) ? draw.pick(policies) : TUNING;
  const length = draw.pick([2, 4, 6, 6, 12, 25]);
  const tail = new Tail(draw);
  let [pair, now, nextAt] = [from, begin, due];
  for (let step = 0; step < length; step++) {
    now = tail.next(now, nextAt);
    const compared = compare(pair, tail.events(pair.before, now), now, policy);
    counting.count(compared, now);
    pair = compared.after;
    ({ nextAt } = compared.judgement);
  }
};
