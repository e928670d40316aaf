/** The twelve kinds as a command of their own. */
import { asColumns } from "../../../test/text/columns.ts";
import { PUBLISHED_FIRST_SEED } from "../claims/effort.ts";
import type { Crew } from "../crew.ts";
import { type Options, wholeNumber } from "../options.ts";
import { print, tell } from "../printed.ts";
import { beforeText } from "./before.ts";
import type { Kind, Lived } from "./kind.ts";
import { kindNamed, KINDS } from "./kinds.ts";
import { type KindTally, liveKind, wrongsIn } from "./play-kind.ts";

const SEEDS = 100;
/** Number of wrong runs that are printed for each kind; `--json` has all. */
const TOLD_MAX = 3;

const kindsOf = ({ scenario }: Options): readonly Kind[] =>
  scenario === undefined ? KINDS : scenario.split(",").map((name) => kindNamed(name));

const secondsIn = ({ reality }: Lived, at: number): string => ((at - reality.faultAt) / 1_000).toFixed(2);

/** One run in full detail, and what is wrong with it. */
const tellSeed = async (kind: Kind, seed: number): Promise<boolean> => {
  const lived = await liveKind(kind, seed);
  const wrongs = wrongsIn(kind, lived);
  const { name, about } = kind.scenario;
  print(`${name}, seed ${seed}: ${about}`);
  for (const { key, from, to, expected } of lived.reality.cases)
    print(`  ${key} from ${secondsIn(lived, from)} to ${secondsIn(lived, to)} s: ${expected.join(" or ")}`);
  const rows = [...lived.words].flatMap(([key, words]) =>
    words
      .filter(({ at }) => at > lived.reality.faultAt)
      .map(({ at, verdict, confirmed, rule, routing, failover }) => [
        key,
        secondsIn(lived, at),
        `${verdict}${confirmed ? ", confirmed" : ""}`,
        `${routing}${failover ? ", failover" : ""}`,
        rule,
        lived.reality.truth(key, at).state,
      ]),
  );
  for (const line of asColumns([["target", "s", "said", "advice", "rule", "truth"], ...rows], 1)) print(line);
  for (const { key, at, says } of wrongs) print(`wrong: ${key} at ${secondsIn(lived, at)} s: ${says}`);
  return wrongs.length === 0;
};

const tellTallies = (tallies: readonly KindTally[]): void => {
  const rows = tallies.map(({ kind, number, seeds, right }) => [
    String(number),
    kind,
    `${right} of ${seeds}`,
    beforeText(kind),
    kindNamed(kind).scenario.about,
  ]);
  for (const line of asColumns([["kind", "scenario", "right", "before", "what happens"], ...rows]))
    print(line);
  print();
  for (const { kind, wrong } of tallies)
    for (const { seed, key, afterS, says } of wrong.slice(0, TOLD_MAX)) {
      print(`wrong: ${kind}: ${key} at ${afterS.toFixed(2)} s: ${says}`);
      print(`  npm run sim -- --suite kinds --scenario ${kind} --seed ${seed}`);
    }
};

/** All kinds, or those named, or one seed of them word by word; false where a run was wrong. */
export const runKinds = async (crew: Crew, options: Options): Promise<boolean> => {
  const kinds = kindsOf(options);
  if (options.seed !== undefined) {
    const seed = wholeNumber(options.seed, 1, "seed");
    let areRight = true;
    // oxlint-disable-next-line no-await-in-loop -- printed in order
    for (const kind of kinds) areRight = (await tellSeed(kind, seed)) && areRight;
    return areRight;
  }
  const first = wholeNumber(options.first, PUBLISHED_FIRST_SEED, "first");
  const count = wholeNumber(options.seeds, SEEDS, "seeds");
  const tallies: KindTally[] = [];
  for (const { scenario } of kinds) {
    tell(`${scenario.name}, ${count} seeds`);
    // oxlint-disable-next-line no-await-in-loop -- told in order; the crew shares out the seeds of each
    tallies.push(await crew.playKind({ kind: scenario.name, first, count }));
  }
  if (options.json) print(JSON.stringify(tallies));
  else tellTallies(tallies);
  return tallies.every(({ wrong }) => wrong.length === 0);
};
