// `npm run consumers`: the real programs that poll us, beside one detector whose API is made to fail.
import { fileURLToPath } from "node:url";
import { findOut, PATH, reasonsAgainst } from "./ability.ts";
import type { Consumer, Row } from "./consumer.ts";
import { CONSUMERS } from "./consumers.ts";
import type { Door } from "./faults.ts";
import { runMatrix, type Seat } from "./matrix.ts";
import { parseOptions, USAGE } from "./options.ts";
import { asJson, asText } from "./table.ts";
import { startWorld, type World } from "./world.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/parallax.mjs", import.meta.url));
const CANNOT = 2;

/** Starts a consumer, and notes which doors it opens. */
const seat = async (world: World, consumer: Consumer): Promise<Seat> => {
  const doors: Door[] = [];
  const door = async (name: string): Promise<Door> => {
    const opened = await world.door(name);
    doors.push(opened);
    return opened;
  };
  return { consumer, running: await consumer.start({ ...world, door }), doors };
};

const runAll = async (consumers: readonly Consumer[]): Promise<Row[]> => {
  const begin = performance.now();
  const tell = (what: string): void =>
    console.error(`${((performance.now() - begin) / 1_000).toFixed(0).padStart(4)} s  ${what}`);
  const world = await startWorld(PROGRAM, tell);
  const seats: Seat[] = [];
  try {
    for (const consumer of consumers) {
      tell(`starting ${consumer.name}`);
      seats.push(await seat(world, consumer));
    }
    return await runMatrix(world, seats, tell);
  } finally {
    await Promise.allSettled(seats.map(({ running }) => running.stop()));
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
  const reasons = reasonsAgainst(chosen, findOut());
  if (reasons.length > 0) {
    console.error(`The consumers cannot run here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  if (options.mode === "check") {
    console.error("The consumers can run here.");
    return 0;
  }
  process.env["PATH"] = PATH;
  const rows = await runAll(chosen);
  console.error(asText(rows));
  if (options.json) console.log(asJson(rows));
  return rows.length > 0 && rows.every(({ ok }) => ok) ? 0 : 1;
};

process.exitCode = await main();
