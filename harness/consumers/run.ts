// `npm run consumers`: the real programs that poll us, beside one detector whose API is made to fail.
import { readFile, writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";
import { findOut, PATH, reasonsAgainst } from "./ability.ts";
import type { Consumer } from "./consumer.ts";
import { CONSUMERS } from "./consumers.ts";
import { COSTS_NEED, type Cost, runCosts } from "./costs.ts";
import { cpuByProgram } from "./cpu.ts";
import type { Door } from "./faults.ts";
import { runMatrix, type Seat } from "./matrix.ts";
import { type ConsumersOptions, parseOptions, USAGE } from "./options.ts";
import { asPage, costLines, type Found, summaryOf, withSections } from "./report.ts";
import { asJson, asText } from "./table.ts";
import { runTimes, type Times, TIMES_NEED } from "./times.ts";
import { startWorld, type World } from "./world.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/parallax.mjs", import.meta.url));
const PAGE = new URL("../../docs/consumers.md", import.meta.url);
const CANNOT = 2;
/** The run lists this many programs, by the CPU they used. */
const HEAVIEST = 15;

/** Starts a consumer, and notes the doors that it opens. */
const seat = async (world: World, consumer: Consumer): Promise<Seat> => {
  const doors: Door[] = [];
  const door = async (name: string): Promise<Door> => {
    const opened = await world.door(name);
    doors.push(opened);
    return opened;
  };
  return { consumer, running: await consumer.start({ ...world, door }), doors };
};

/** The CPU time of the run by program, so that a program that grows too heavy is noticed. */
const heaviest = async (): Promise<string> => {
  const spent = await cpuByProgram();
  const total = spent.reduce((sum, [, seconds]) => sum + seconds, 0);
  const shown = spent.slice(0, HEAVIEST).map(([name, seconds]) => `${name} ${seconds.toFixed(1)}`);
  return `${total.toFixed(0)} in all; ${shown.join(", ")}`;
};

/** Plays the chosen parts: the times first, whose slowest ones go on beside the matrix. */
const runAll = async (
  consumers: readonly Consumer[],
  { matrix, times, costs: isCosted }: ConsumersOptions,
): Promise<Omit<Found, "machine">> => {
  const begin = performance.now();
  const tell = (what: string): void =>
    console.error(`${((performance.now() - begin) / 1_000).toFixed(0).padStart(4)} s  ${what}`);
  const world = await startWorld(PROGRAM, tell);
  const seats: Seat[] = [];
  let timed: Times | undefined;
  try {
    const start = async (consumer: Consumer): Promise<void> => {
      tell(`starting ${consumer.name}`);
      seats.push(await seat(world, consumer));
    };
    const wanted = matrix ? consumers : [];
    for (const consumer of wanted.filter(({ isLong }) => isLong === true)) await start(consumer);
    if (times) timed = await runTimes(world, tell);
    // CPU seconds do not depend on what runs beside: meanwhile the other consumers start.
    const costing: Promise<Cost[]> = isCosted ? runCosts(world, tell) : Promise.resolve([]);
    costing.catch(() => undefined);
    for (const consumer of wanted.filter(({ isLong }) => isLong !== true)) await start(consumer);
    const costs = await costing;
    const rows = matrix ? await runMatrix(world, seats, tell) : [];
    const versions = new Map(seats.map(({ consumer, running }) => [consumer.name, running.version]));
    const all = [...rows, ...((await timed?.rows) ?? [])];
    return { rows: all, versions, costs };
  } finally {
    tell(`CPU seconds by program: ${await heaviest()}`);
    await Promise.allSettled([timed?.stop(), ...seats.map(({ running }) => running.stop())]);
    await world.stop();
  }
};

const main = async (): Promise<number> => {
  const options = parseOptions(
    process.argv.slice(2),
    CONSUMERS.map(({ name }) => name),
  );
  if (typeof options === "string") {
    console.error(`${options}\n${USAGE}`);
    return CANNOT;
  }
  const chosen = CONSUMERS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  if (options.mode === "list") {
    for (const { name, title } of chosen) console.log(`${name.padEnd(20)}${title}`);
    return 0;
  }
  const needing = [
    ...(options.matrix ? chosen : []),
    ...(options.times ? [TIMES_NEED] : []),
    ...(options.costs ? [COSTS_NEED] : []),
  ];
  const reasons = reasonsAgainst(needing, findOut());
  if (reasons.length > 0) {
    console.error(`The consumers cannot run here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  if (options.mode === "check") {
    console.error("The consumers can run here.");
    return 0;
  }
  process.env["PATH"] = PATH;
  const begin = performance.now();
  const { rows, versions, costs } = await runAll(chosen, options);
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
  const machine = `Linux ${release().split("-")[0]}, ${cpus().length} cores, ${minutes} minutes`;
  if (costs.length > 0) console.error(costLines(costs).join("\n"));
  console.error(`${asText(rows)}\n${summaryOf(rows, chosen)}; ${machine}`);
  if (options.json) console.log(asJson(rows));
  if (options.report) {
    const found = { rows, versions, costs, machine };
    const isWhole = chosen.length === CONSUMERS.length;
    const page = isWhole
      ? asPage(found, chosen)
      : withSections(await readFile(PAGE, "utf8"), found, chosen, CONSUMERS);
    await writeFile(PAGE, page);
    console.error("written: docs/consumers.md");
  }
  return rows.length + costs.length > 0 && rows.every(({ ok }) => ok) ? 0 : 1;
};

process.exitCode = await main();
