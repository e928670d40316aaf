/** Which name stood for which target, and when. */
import type { Line, LineOf } from "../../../domain/shadow-journal-lines.ts";

/** From here on these names stand for these targets, and no others. */
export type Pairing = Pick<LineOf<"pairs">, "kind" | "run" | "at" | "pairs">;

/** The names by target. */
export const namesIn = ({ pairs }: Pick<Pairing, "pairs">): Map<string, string> =>
  new Map(Object.entries(pairs).map(([name, target]): [string, string] => [target, name]));

/** A run knows of no pair until it has written them: of what stood for nothing in it, it wrote nothing down. */
export const pairingsIn = (
  lines: readonly LineOf<"pairs">[],
  runs: readonly { run: number; from: number }[],
): Pairing[] => [
  ...runs.map(({ run, from }): Pairing => ({ kind: "pairs", run, at: from, pairs: {} })),
  ...lines,
];

/** By time, and by run where two runs meet. The sort is stable: lines of one run at one instant keep their order. */
export const inOrder = <L extends Pick<Line, "at"> & { run?: number }>(lines: readonly L[]): L[] =>
  lines.toSorted((a, b) => a.at - b.at || (a.run ?? 0) - (b.run ?? 0));

/** Where one side has not answered yet, a run of earlier releases wrote that nothing stands for anything. */
const areBothIn = ({ pairs, unmatched, alone }: LineOf<"pairs">): boolean =>
  Object.keys(pairs).length > 0 || (unmatched.length > 0 && alone.length > 0);

export interface Named {
  /** Of each target that a name stood for at any time, the last name. */
  names: ReadonlyMap<string, string>;
  /** As it was last known. */
  unmatched: readonly string[];
  alone: readonly string[];
}

export const namedIn = (lines: readonly LineOf<"pairs">[]): Named => {
  const all = lines.flatMap((line) => [...namesIn(line)]);
  const names = new Map([...new Map(all)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const last = lines.findLast(areBothIn) ?? lines.at(-1);
  return {
    names,
    unmatched: last?.unmatched ?? [],
    alone: (last?.alone ?? []).filter((target) => !names.has(target)),
  };
};
