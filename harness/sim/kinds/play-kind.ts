/** Plays a kind through the production schedule and judge, and says which of its runs are right. */
import { wordsIn } from "../adversary/history.ts";
import type { Change } from "../../../src/verdict/memory/judge-state.ts";
import { createReality } from "../create-reality.ts";
import { createParallax } from "../parallax/detector.ts";
import type { Kind, Lived, Wrong } from "./kind.ts";
import { kindNamed } from "./kinds.ts";

/** A kind by the name of its scenario, since functions cannot be sent between threads. */
export interface KindTask {
  kind: string;
  first: number;
  count: number;
}

/** A run that was wrong, by the first thing that was. */
export interface WrongRun {
  seed: number;
  key: string;
  /** After the first fault, seconds. */
  afterS: number;
  says: string;
}

export interface KindTally {
  kind: string;
  number: number;
  seeds: number;
  right: number;
  wrong: WrongRun[];
}

/** One world of a kind, lived through. */
export const liveKind = async ({ scenario }: Kind, seed: number): Promise<Lived> => {
  const reality = createReality(scenario, seed);
  const moments: { now: number; changes: readonly Change[] }[] = [];
  const parallax = createParallax({
    bench: {
      onJudged: (now, _events, { changes }) => void (changes.length > 0 && moments.push({ now, changes })),
    },
  });
  await parallax.run(reality, reality.beginsAt, reality.endsAt);
  return { reality, words: wordsIn(moments) };
};

/** Everything that its rules find wrong with a run, in the order of the rules. */
export const wrongsIn = ({ rules }: Kind, lived: Lived): Wrong[] => rules.flatMap((rule) => rule(lived));

export const playKind = async ({ kind: name, first, count }: KindTask): Promise<KindTally> => {
  const kind = kindNamed(name);
  const tally: KindTally = { kind: name, number: kind.number, seeds: count, right: 0, wrong: [] };
  for (let seed = first; seed < first + count; seed++) {
    // oxlint-disable-next-line no-await-in-loop -- worlds share this core
    const lived = await liveKind(kind, seed);
    const [wrong] = wrongsIn(kind, lived);
    if (wrong === undefined) tally.right += 1;
    else {
      const { key, at, says } = wrong;
      tally.wrong.push({ seed, key, afterS: (at - lived.reality.faultAt) / 1_000, says });
    }
  }
  return tally;
};

/** Tallies of the same kind as one. */
export const mergeKinds = (tallies: readonly KindTally[]): KindTally => {
  const [first] = tallies;
  if (first === undefined) throw new Error("no tallies to merge");
  return {
    ...first,
    seeds: tallies.reduce((sum, { seeds }) => sum + seeds, 0),
    right: tallies.reduce((sum, { right }) => sum + right, 0),
    wrong: tallies.flatMap(({ wrong }) => wrong),
  };
};
