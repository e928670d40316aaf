// The lab's first process, inside its own namespaces: when it ends, all of the lab ends. One JSON argument: LabOptions. It sends its
// outcome to its parent over IPC.
import { cp } from "node:fs/promises";
import { isInParent } from "./parent.ts";
import type { LabOptions } from "./options.ts";
import { play, type Row } from "./play.ts";
import { drawRounds, lanesOf } from "./plan.ts";
import { FIRST, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { rejudged } from "../../scripts/rejudged.ts";
import { isRight } from "./table.ts";
import { SITES } from "./topology.ts";
import { allWell, FRA_2, startWorld, type World } from "./world.ts";
import type { Watched } from "./watch.ts";
import type { Outcome } from "./outcome.ts";

const options = JSON.parse(process.argv[2] ?? "") as LabOptions;
const tell = (text: string): void => console.error(text);
const begin = performance.now();
const elapsed = (): string => `${((performance.now() - begin) / 1_000).toFixed(0).padStart(4)} s`;

const announce = (row: Row): void => {
  const { scenario, name, verdict, seconds, violations, wrong, recoveredSeconds } = row;
  const mark = isRight(row) ? "✓" : "✗";
  tell(
    `${elapsed()} ${mark} ${scenario.name}: ${name} ${verdict?.verdict ?? "no verdict"}${verdict?.confirmed ? ", confirmed" : ""} after ${seconds.toFixed(1)} s; well again after ${recoveredSeconds.toFixed(1)} s`,
  );
  if (violations > 0) tell(`       ${violations} violations`);
  for (const complaint of wrong) tell(`       wrong: ${complaint}`);
};

const playOne = async (world: World, scenario: Scenario): Promise<Row> => {
  const sites = scenario.lane === "alone" ? SITES : [scenario.lane];
  const row = await play(world, scenario, { seed: 0, choice: FIRST, leadMs: 0, sites });
  announce(row);
  return row;
};

const playInOrder = async (world: World, scenarios: readonly Scenario[]): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const scenario of scenarios) rows.push(await playOne(world, scenario));
  return rows;
};

const playAll = async (world: World, chosen: readonly Scenario[]): Promise<Row[]> => {
  const { beside, alone } = lanesOf(chosen);
  const lanes = await Promise.all(beside.map((lane) => playInOrder(world, lane)));
  const rows = [...lanes.flat(), ...(await playInOrder(world, alone))];
  return rows.toSorted((a, b) => SCENARIOS.indexOf(a.scenario) - SCENARIOS.indexOf(b.scenario));
};

const playRounds = async (world: World, chosen: readonly Scenario[]): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const { scenario, ...round } of drawRounds(chosen, options.seed, options.rounds)) {
    const row = await play(world, scenario, { ...round, sites: SITES });
    announce(row);
    rows.push(row);
  }
  return rows;
};

/** The detector is killed first: then its stored data no longer changes, whatever it was doing. */
const keep = async ({ detector }: World, to: string): Promise<void> => {
  await detector.kill();
  await cp(detector.stateDir, to, { recursive: true });
  tell(`${elapsed()} kept: ${to}`);
};

const run = async (): Promise<Outcome> => {
  const world = await startWorld((what) => tell(`${elapsed()} ${what}`));
  await allWell(world);
  tell(`${elapsed()} all is well`);
  const chosen = SCENARIOS.filter(
    ({ name }) => options.scenarios.length === 0 || options.scenarios.includes(name),
  );
  const rows = await (options.mode === "full" ? playRounds : playAll)(world, chosen);
  await world.watch.stop();
  const again = await rejudged(world.detector.api, FRA_2);
  if (options.keep !== undefined) await keep(world, options.keep);
  const sum = (count: (watched: Watched) => number): number =>
    world.watch.targets.map(count).reduce((all, one) => all + one, 0);
  return {
    rows: rows.map((row) => ({ ...row, scenario: row.scenario.name })),
    polls: sum(({ failovers }) => failovers.length),
    ...again,
    violations: sum((watched) => watched.violationsSince(0).length),
  };
};

if (!isInParent()) throw new Error("this is not the lab's own network: start it by `npm run lab`");
process.on("disconnect", () => process.exit());
try {
  const outcome = await run();
  process.send?.(outcome, () => process.exit());
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
