// `npm run lab`: real faults between real hosts, which are network namespaces of this machine.
import { readFile, writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { findOut, reasonsAgainst } from "./ability.ts";
import { type LabOptions, parseOptions, USAGE } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import type { Row } from "./play.ts";
import { PAIR_SCENARIOS, runPairs } from "./postgresql/run.ts";
import { SCENARIOS } from "./scenarios.ts";
import { runInside } from "./start.ts";
import { asJson, asPage, asText, byHand, isRight, summaryOf } from "./table.ts";

const INNER = new URL("./inner.ts", import.meta.url);
const PAGE = new URL("../../docs/lab.md", import.meta.url);
const CANNOT = 2;

type Found = Omit<Outcome, "rows"> & { rows: Row[] };

const runLab = async (options: LabOptions): Promise<Found | undefined> => {
  const outcome = await runInside<Outcome>(INNER, options);
  if (outcome === undefined) return undefined;
  const rows = outcome.rows.flatMap(({ scenario: name, ...row }) => {
    const scenario = SCENARIOS.find((known) => known.name === name);
    return scenario === undefined ? [] : [{ ...row, scenario }];
  });
  return { ...outcome, rows };
};

const report = async ({ rows, ...counts }: Found, options: LabOptions): Promise<void> => {
  console.error(`${asText(rows)}\n${summaryOf(rows, counts)}`);
  for (const difference of counts.differences) console.error(`judged again: ${difference}`);
  if (options.json) console.log(asJson(rows));
  if (!options.report) return;
  const machine = `Linux ${release().split("-")[0]}, ${cpus().length} cores`;
  const kept = byHand(await readFile(PAGE, "utf8"));
  await writeFile(PAGE, asPage(rows, counts, { machine, kept }));
  console.error(`written: docs/lab.md (${(await readFile(PAGE)).length} bytes)`);
};

const main = async (): Promise<number> => {
  const names = SCENARIOS.map(({ name }) => name);
  const pairs = PAIR_SCENARIOS.map(({ name }) => name);
  const options = parseOptions(process.argv.slice(2), Date.now() % 1_000_000, names, pairs);
  if (typeof options === "string") {
    console.error(`${options}\n${USAGE}`);
    return CANNOT;
  }
  if (options.mode === "list") {
    for (const { name, truth } of [...SCENARIOS, ...PAIR_SCENARIOS])
      console.log(`${name.padEnd(28)}${truth}`);
    return 0;
  }
  const reasons = reasonsAgainst(await findOut());
  if (reasons.length > 0) {
    console.error(`The lab cannot run here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  if (options.mode === "check") {
    console.error("The lab can run here.");
    return 0;
  }
  if (options.scenarios.some((name) => pairs.includes(name))) return runPairs(options);
  if (options.mode === "full") console.error(`seed ${options.seed}, ${options.rounds} rounds`);
  const found = await runLab(options);
  if (found === undefined) return 1;
  await report(found, options);
  return found.rows.length > 0 &&
    found.violations === 0 &&
    found.differences.length === 0 &&
    found.rows.every(isRight)
    ? 0
    : 1;
};

process.exitCode = await main();
