/** Where the objects of a shard really run. A location hint is only a request, and an object stays where it was first put. */
import { strayArea } from "../domain/colos.ts";
import type { ShardState } from "../verdict/memory/judge-state.ts";
import { listed } from "./overload.ts";

/** The fact under which the aggregator's data centre is kept. */
export const COLO = "colo";

/**
 * One sentence for each object that does not run where it was asked for. Verdicts stay right, but some rest on fewer places than it seems.
 */
export const strayWarnings = (
  shard: number,
  hint: string | undefined,
  colo: string | null,
  { vantages }: ShardState,
): string[] => {
  const area = hint === undefined ? null : strayArea(hint, colo);
  const regional = [...vantages.values()].filter(({ vantage }) => vantage.kind === "regional");
  const byColo = Map.groupBy(regional, (record) => record.colo);
  return [
    ...(area === null
      ? []
      : [
          `the aggregator of shard ${shard} was asked for in ${hint} and runs in ${colo}, ${area}: it stays there, and every read goes there`,
        ]),
    ...regional.flatMap(({ vantage, colo: where }) => {
      const stray = strayArea(vantage.region, where);
      return stray === null
        ? []
        : [`vantage ${vantage.id} runs in ${where}, ${stray}: it sees what is seen from there`];
    }),
    ...[...byColo].flatMap(([where, there]) =>
      where === null || there.length < 2
        ? []
        : [
            `vantages ${listed(there.map(({ vantage }) => vantage.id))} run in one colo, ${where}: they count once`,
          ],
    ),
  ];
};
