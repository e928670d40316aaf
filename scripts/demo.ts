// The main job on one machine: a detector under workerd, real processes, and the faults that hit them.
import { type Cut, type Cuts, startCuts } from "./demo/cuts.ts";
import { pathOf } from "./detector-api.ts";
import { type Options, parseOptions, USAGE } from "./demo/options.ts";
import { play, type Result } from "./demo/play.ts";
import { bold, dim, green, print, printTable, red, showing } from "./demo/screen.ts";
import { type Step, STEPS } from "./demo/steps.ts";
import { openTour } from "./demo/tour/tour.ts";
import { nameOf, TIMES } from "../harness/world/world.ts";
import { KEYS, startWorld, type World } from "./demo/world.ts";

const begin = performance.now();
const elapsed = (): string => `${((performance.now() - begin) / 1_000).toFixed(0)} s`;

const introduce = ({ detector, nodes, witnesses }: World, vantages: number): void => {
  print(
    `A detector with ${vantages} vantages on ${detector.api.url}; every ${TIMES.intervalMs / 1_000} s each looks at each node, for at most ${TIMES.timeoutMs / 1_000} s.`,
  );
  for (const [name, key] of Object.entries(KEYS)) {
    const { url, pid } = nodes[name as keyof typeof nodes];
    const witness = witnesses[name as keyof typeof witnesses];
    print(`  ${nameOf(key)}  ${url}  pid ${pid}  witness ${witness.url}  pid ${witness.pid}`);
  }
  print("Look for yourself while it runs:");
  print(`  curl -u :local-read ${detector.api.url}${pathOf(KEYS.db1)}/verdict`);
};

const tell = ({ step, verdict, seconds, up, failover, note, wrong }: Result): void => {
  const confirmed = verdict?.confirmed === true ? ", confirmed" : "";
  const said = `${verdict?.verdict ?? "no verdict"}${confirmed} after ${seconds.toFixed(1)} s · /up ${up} · /failover ${failover}${note === "" ? "" : ` · ${note}`}`;
  print(`      ${wrong.length === 0 ? green("✓") : red("✗")} ${said}`);
  if (verdict !== undefined && step.expected.verdict !== "alive") print(dim(`        ${verdict.because}`));
  for (const complaint of wrong) print(red(`        wrong: ${complaint}`));
};

interface Line {
  title: string;
  truth: string;
  verdict: string;
  confirmed: boolean;
  seconds: number;
  up: number;
  failover: number;
  isRight: boolean;
}

const lineOf = ({ step, verdict, seconds, up, failover, wrong }: Result): Line => ({
  title: step.title,
  truth: step.truth.replace(/ \(.*/, " *"),
  verdict: `${verdict?.verdict ?? "none"}${verdict?.verdict === "unreachable" ? ` (${verdict.scope})` : ""}`,
  confirmed: verdict?.confirmed === true,
  seconds,
  up,
  failover,
  isRight: wrong.length === 0,
});

const isRightCut = ({ violations, wrong }: Cut): boolean => wrong.length === 0 && violations === 0;

const lineOfCut = (cut: Cut): Line => ({
  ...cut,
  title: "real packets dropped",
  verdict: cut.verdict ?? "none",
  isRight: isRightCut(cut),
});

const summarise = (lines: Line[]): void => {
  print();
  printTable(
    ["what happened", "ground truth", "verdict", "confirmed", "seconds", "/up", "/failover", ""],
    lines.map(({ title, truth, verdict, confirmed, seconds, up, failover, isRight }) => ({
      cells: [
        title,
        truth,
        verdict,
        confirmed ? "yes" : "no",
        seconds.toFixed(1),
        String(up),
        String(failover),
        isRight ? "right" : "WRONG",
      ],
      mark: isRight ? (text) => text : red,
    })),
  );
  if (lines.some(({ truth }) => truth.endsWith(" *")))
    print(dim("* simulated at the vantage by a drill: no packet was dropped for it"));
};

/** The outcome of the cuts that were made beside the demo; none if none could be made. */
const endOfCuts = async (cuts: Cuts): Promise<Cut[]> => {
  if (cuts.kind === "none") {
    print(dim(`The demo dropped no real packets. ${cuts.why}`));
    return [];
  }
  print();
  return showing(
    () => "waiting for the cuts made beside, of real packets between network namespaces",
    cuts.cuts,
  );
};

/** Decides when a step may begin, and how long it stays. The demo never waits for input. */
interface Guide {
  /** Before the first step; false: nothing is to happen at all. */
  begin: () => Promise<boolean>;
  /** While a step stands; false: it was the last one. `next`: the one after it. */
  stay: (result: Result, next: Step | undefined) => Promise<boolean>;
  close: () => void;
}

const NOBODY: Guide = {
  begin: async () => true,
  stay: async () => true,
  close: () => undefined,
};

const heading = (step: Step, number: number, count: number): void => {
  print();
  print(`${String(number).padStart(2)}/${count} ${bold(step.title)}`);
  print(dim(`      truth: ${step.truth}`));
};

/** Plays the steps in turn, until the guide ends the demo. */
const playAll = async (world: World, steps: readonly Step[], guide: Guide): Promise<Result[]> => {
  const results: Result[] = [];
  if (!(await guide.begin())) return results;
  for (const [index, step] of steps.entries()) {
    heading(step, index + 1, steps.length);
    let told = 0;
    const { result, goesOn } = await play(world, step, async (found) => {
      tell(found);
      told = found.wrong.length;
      return guide.stay(found, steps[index + 1]);
    });
    for (const complaint of result.wrong.slice(told)) print(red(`        wrong: ${complaint}`));
    results.push(result);
    if (!goesOn) break;
  }
  return results;
};

const conclude = (world: World, results: Result[], cut: Cut[]): boolean => {
  const lines = [...results.map(lineOf), ...cut.map(lineOfCut)];
  summarise(lines);
  for (const { wrong } of cut) for (const complaint of wrong) print(red(`wrong: ${complaint}`));
  const right = lines.filter(({ isRight }) => isRight).length;
  const polls = world.poller.seen.reduce((sum, { answers }) => sum + answers, 0);
  print(`${right} of ${lines.length} right in ${elapsed()}; /failover polled ${polls} times.`);
  const odd = world.poller.seen.flatMap(({ wrong }) => wrong);
  if (odd.length > 0) print(red(`answers that no check may give: ${[...new Set(odd)].join(", ")}`));
  return right === lines.length && odd.length === 0;
};

/** A tour breaks only what the reader looks at. */
const NO_CUTS: Cuts = {
  kind: "none",
  why: "A tour shows one thing at a time; npm run demo without --tour drops them where it can.",
};

const run = async ({ tour, steps: count, opens }: Options): Promise<boolean> => {
  print(bold("Parallax: dead, hung, cut off, or is it the observer?"));
  const steps = STEPS.slice(0, count);
  const cuts = tour ? NO_CUTS : await startCuts();
  const world = await showing(() => "starting the detector and the nodes", startWorld());
  let results: Result[] = [];
  let cut: Cut[] = [];
  let guide = NOBODY;
  try {
    introduce(world, (await world.detector.api.vantages()).length);
    if (tour) guide = await openTour(world, steps, opens);
    results = await playAll(world, steps, guide);
    cut = await endOfCuts(cuts);
  } finally {
    guide.close();
    await world.live.stop();
    if (cuts.kind === "cutting") await cuts.end();
  }
  const isWhole = tour ? results.length > 0 : results.length === steps.length;
  return conclude(world, results, cut) && isWhole;
};

const EXIT_MISUSED = 2;
const options = parseOptions(process.argv.slice(2), STEPS.length);
if (typeof options === "string") {
  process.stderr.write(`${options}\n\n${USAGE}`);
  process.exitCode = EXIT_MISUSED;
} else if (options.help) process.stdout.write(USAGE);
else process.exitCode = (await run(options)) ? 0 : 1;
