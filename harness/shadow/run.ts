// `npm run shadow:proof`: the shadow beside real checkers while the lab makes faults, its reports held against what really was.
import { accessSync, constants } from "node:fs";
import { findOut, reasonsAgainst } from "../lab/ability.ts";
import { PATH } from "../lab/namespace.ts";
import { runInside } from "../lab/start.ts";
import type { Outcome } from "./judge.ts";
import { parseOptions, USAGE } from "./options.ts";

const INNER = new URL("./inner.ts", import.meta.url);
const CANNOT = 2;
const PROGRAMS = ["prometheus", "prometheus-blackbox-exporter", "haproxy"];

const isThere = (program: string): boolean =>
  PATH.split(":").some((directory) => {
    try {
      accessSync(`${directory}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const main = async (): Promise<number> => {
  const options = parseOptions(process.argv.slice(2), Date.now() % 1_000_000);
  if (typeof options === "string") {
    console.error(`${options}\n${USAGE}`);
    return CANNOT;
  }
  const missing = PROGRAMS.filter((program) => !isThere(program));
  const reasons = [
    ...reasonsAgainst(await findOut()),
    ...(missing.length > 0 ? [`install with: apt-get install ${missing.join(" ")}`] : []),
  ];
  if (reasons.length > 0) {
    console.error(`The proof cannot run here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  console.error(`seed ${options.seed}, ${options.minutes} minutes`);
  const outcome = await runInside<Outcome>(INNER, options);
  if (outcome === undefined) return 1;
  for (const line of outcome.lines) console.error(line);
  for (const complaint of outcome.wrong) console.error(`wrong: ${complaint}`);
  return outcome.wrong.length === 0 ? 0 : 1;
};

process.exitCode = await main();
