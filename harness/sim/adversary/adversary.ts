/** The adversary's command: worlds by the thousand, what of the laws they break, and the shortest way to see it. */
import type { Crew } from "../crew.ts";
import { asColumns } from "../../../test/text/columns.ts";
import { type Finding, keep, sizeOf } from "./finding.ts";
import type { Hunted } from "./hunt.ts";
import { LAWS, lawNamed } from "./laws.ts";

export interface Order {
  /** The first seed, and how many. */
  first: number;
  seeds: number;
  /** No more worlds are begun after so long; milliseconds. */
  limitMs: number | undefined;
  /** Only this one. */
  law: string | undefined;
  /** Where findings are kept, if anywhere. */
  keep: string | undefined;
  /** How many findings of each law are made short. */
  shown: number;
}

/** Worlds that one thread takes at a time. */
const CHUNK = 10;

const merged = (parts: readonly Hunted[]): Hunted => ({
  worlds: parts.reduce((sum, { worlds }) => sum + worlds, 0),
  broken: parts.flatMap(({ broken }) => broken).toSorted((a, b) => a.seed - b.seed),
  cpuMs: parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
});

/** Every thread takes the next worlds as soon as it has none, until there are none or the time is over. */
const huntAll = async (
  crew: Crew,
  { first, seeds, limitMs = Infinity }: Order,
  laws: string[],
): Promise<Hunted> => {
  const began = performance.now();
  const parts: Hunted[] = [];
  let next = first;
  const end = first + seeds;
  const work = async (): Promise<void> => {
    while (next < end && performance.now() - began < limitMs) {
      const from = next;
      next = Math.min(end, from + CHUNK);
      const chosen = Array.from({ length: next - from }, (_, index) => from + index);
      // oxlint-disable-next-line no-await-in-loop -- one chunk after another is what a thread's work is
      parts.push(await crew.hunt({ seeds: chosen, laws }));
    }
  };
  await Promise.all(Array.from({ length: crew.size }, work));
  return merged(parts);
};

const tableOf = ({ broken, worlds }: Hunted, laws: readonly string[]): string[] =>
  asColumns(
    [
      ["law", "worlds that break it", "of", "first seeds"],
      ...laws.map((name) => {
        const seeds = broken.filter(({ law }) => law === name).map(({ seed }) => seed);
        return [name, String(seeds.length), String(worlds), seeds.slice(0, 5).join(", ")];
      }),
    ],
    2,
  );

const findingLines = (finding: Finding): string[] => {
  const { law, sentence, seed, world, breach, isWoken } = finding;
  const { events, observations } = sizeOf(finding);
  return [
    "",
    `${law}: ${sentence}`,
    `  seed ${seed}, ${breach.key}: ${breach.says}`,
    ...world.map((line) => `    ${line}`),
    `  in ${events} events with ${observations} observations${isWoken ? "" : ", called when it was"}`,
    `  npm run sim -- --adversary --seed ${seed} --law ${law}`,
  ];
};

/** Whether no world broke a law. */
export const runAdversary = async (
  crew: Crew,
  order: Order,
  print: (line: string) => void,
): Promise<boolean> => {
  const laws = (order.law?.split(",").map(lawNamed) ?? LAWS).map(({ name }) => name);
  const hunted = await huntAll(crew, order, laws);
  const meanMs = hunted.cpuMs / Math.max(1, hunted.worlds);
  print(`${hunted.worlds} worlds from seed ${order.first} on, ${meanMs.toFixed(0)} ms each`);
  for (const line of tableOf(hunted, laws)) print(line);
  const tasks = laws.flatMap((law) =>
    hunted.broken
      .filter((one) => one.law === law)
      .slice(0, order.shown)
      .map(({ seed }) => ({ seed, law })),
  );
  const findings = await Promise.all(tasks.map((task) => crew.find(task)));
  for (const finding of findings) {
    if (finding === null) continue;
    for (const line of findingLines(finding)) print(line);
    if (order.keep !== undefined) print(`  kept in ${keep(finding, order.keep)}`);
  }
  return hunted.broken.length === 0;
};
