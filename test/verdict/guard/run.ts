/**
 * The judge before and after, beside each other on far more than the law in guard.test.ts tries: the
 * simulator's scenarios, random event lists, recorded journals. Exit code 1 where anything differs.
 * Stopped by a signal, it tells what it has so far; exit code 3.
 * The fingerprints are of what the judge now says and answers in full, for comparison with another commit's.
 * For the life of that change; see USAGE.
 */
import { once } from "node:events";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { asColumns } from "../../text/columns.ts";
import { LISTS_OF_A_WORLD } from "./lists.ts";
import type { Task } from "./member.ts";
import { mistakenWorlds, ownDetectors, scenarioNames } from "./simulated.ts";
import { add, emptyTally, type Tally } from "./tally.ts";

const USAGE = `node test/verdict/guard/run.ts [--sim] [--lists N] [--journal FILE...]
  --sim            the simulator's scenarios; with it:
    --seeds N        seeds of each for ${ownDetectors.slice(0, 2).join(" and ")} (20); a tenth of them, at least one,
                     for its other variants and for the worlds ${mistakenWorlds.join(", ")}
    --scenario A,B   only these
    --all            as many seeds for every variant and world
  --lists N        random event lists, rounded up to whole worlds of ${LISTS_OF_A_WORLD}
  --journal FILE   recorded judgements' inputs, as JSON or as a shard's .sqlite; any number of files
  --first S        the first seed, or the first list (1)
  --threads N      (2)
  --said           also what was said how often, by which rule`;

const options = parseArgs({
  allowPositionals: true,
  options: {
    sim: { type: "boolean", default: false },
    seeds: { type: "string", default: "20" },
    scenario: { type: "string" },
    all: { type: "boolean", default: false },
    lists: { type: "string", default: "0" },
    journal: { type: "boolean", default: false },
    first: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    said: { type: "boolean", default: false },
  },
});
const { values, positionals } = options;

/** Something to do, and the row it is told in. */
interface Job {
  row: string;
  task: Task;
}

/** Seeds, or worlds, that a thread takes at a time. */
const SEEDS = 2;
const WORLDS = 5;

const simulatedJobs = (): Job[] => {
  const seeds = Number(values.seeds);
  const few = values.all ? seeds : Math.max(1, Math.floor(seeds / 10));
  const usual = ownDetectors.slice(0, 2);
  const shares = [
    { world: "usual", detectors: usual, count: seeds },
    { world: "usual", detectors: ownDetectors.slice(2), count: few },
    ...mistakenWorlds.map((world) => ({ world, detectors: values.all ? ownDetectors : usual, count: few })),
  ];
  const scenarios = values.scenario?.split(",") ?? scenarioNames;
  // Every scenario's first seeds before any one's next: whatever ends early has seen something of all.
  return shares
    .flatMap(({ count, ...share }) =>
      chunks(Number(values.first), count, SEEDS).map((seedsOf) => ({ ...share, ...seedsOf })),
    )
    .toSorted((a, b) => a.first - b.first)
    .flatMap((share) => scenarios.map((scenario) => ({ row: scenario, task: { scenario, ...share } })));
};

const listJobs = (): Job[] => {
  const first = Math.floor((Number(values.first) - 1) / LISTS_OF_A_WORLD) + 1;
  const worlds = Math.ceil(Number(values.lists) / LISTS_OF_A_WORLD);
  return chunks(first, worlds, WORLDS).map((chunk) => ({
    row: "random lists",
    task: { firstWorld: chunk.first, worlds: chunk.count },
  }));
};

/** A shard's file is named by a long id. */
const shortened = (file: string): string => basename(file).slice(0, 24);

const chunks = (first: number, count: number, size: number): { first: number; count: number }[] =>
  Array.from({ length: Math.ceil(count / size) }, (_, index) => ({
    first: first + index * size,
    count: Math.min(size, count - index * size),
  }));

const rows = new Map<string, Tally>();
const begin = performance.now();
const seconds = (): string => `${((performance.now() - begin) / 1_000).toFixed(0)} s`;

/** One thread works off what is left. */
const work = async (left: Job[], total: number): Promise<void> => {
  const worker = new Worker(new URL("member.ts", import.meta.url));
  for (let job = left.shift(); job !== undefined; job = left.shift()) {
    worker.postMessage(job.task);
    // oxlint-disable-next-line no-await-in-loop -- one thread does one thing at a time
    const [tally] = (await once(worker, "message")) as [Tally];
    const row = rows.get(job.row) ?? emptyTally();
    rows.set(job.row, row);
    add(row, tally);
    for (const example of tally.examples) console.error(`DIFFERS ${example.slice(0, 2_000)}`);
    const done = total - left.length;
    if (done % 10 === 0) console.error(`${seconds()}: ${done} of ${total}, ${job.row}`);
  }
  await worker.terminate();
};

const COLUMNS = ["runs", "judgements", "transitions", "probes", "differences", "differing"] as const;

const print = (): Tally => {
  const all = emptyTally();
  for (const tally of rows.values()) add(all, tally);
  const named = [...rows, ["all", all] as const];
  const lines = named.map(([name, tally]) => [
    name,
    ...COLUMNS.map((column) => String(tally[column])),
    tally.print.toString(16),
  ]);
  for (const line of asColumns([["", ...COLUMNS, "fingerprint"], ...lines], 1)) console.log(line);
  const said = Object.entries(all.said).toSorted((a, b) => b[1] - a[1]);
  if (values.said) for (const [what, count] of said) console.log(`${String(count).padStart(9)}  ${what}`);
  console.log(`${seconds()}; ${said.length} pairs of verdict and rule; "differing" counts runs`);
  return all;
};

const jobs: Job[] = [
  ...(values.sim ? simulatedJobs() : []),
  ...listJobs(),
  ...(values.journal ? positionals.map((file): Job => ({ row: shortened(file), task: { file } })) : []),
];
if (jobs.length === 0) {
  console.log(USAGE);
  process.exitCode = 2;
} else {
  const left = [...jobs];
  for (const signal of ["SIGINT", "SIGTERM"])
    process.on(signal, () => {
      print();
      console.log(`stopped: ${left.length} of ${jobs.length} parts were not begun`);
      process.exit(3);
    });
  await Promise.all(Array.from({ length: Number(values.threads) }, () => work(left, jobs.length)));
  const { differences, judgements } = print();
  process.exitCode = differences === 0 && judgements > 0 ? 0 : 1;
}
