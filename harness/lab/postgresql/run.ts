// `npm run lab -- --scenario postgresql`: a pair of PostgreSQL nodes, faults to its primary, and which node then leads.
import { readFile, writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { findOut, reasonsAgainst } from "../../consumers/ability.ts";
import { PATRONI_NEEDS } from "../../consumers/programs/patroni.ts";
import { runInside } from "../start.ts";
import type { LabOptions } from "../options.ts";
import { PAIR_FAULTS } from "./faults.ts";
import type { CellResult } from "./play.ts";
import { asJson, asPart, asText, complaintsOf } from "./table.ts";

const INNER = new URL("./inner.ts", import.meta.url);
const PAGE = new URL("../../../docs/postgresql.md", import.meta.url);
/** The part of the page that a run writes: from its heading to the next. */
const MEASURED = /(## As measured\n)[^]*?(?=\n## )/;
const CANNOT = 2;
const PREFIX = "postgresql";

export const PAIR_SCENARIOS: readonly { name: string; truth: string }[] = [
  { name: PREFIX, truth: "faults to the primary of a pair of PostgreSQL nodes: all of these" },
  ...PAIR_FAULTS.map(({ name, truth }) => ({ name: `${PREFIX}-${name}`, truth })),
];

export interface PairOptions {
  /** Names of faults; empty: the plan's own choice. */
  faults: string[];
  /** Every fault under every rule. */
  isFull: boolean;
}

/** Plays what these options name; returns the exit code. */
export const runPairs = async ({ scenarios, mode, json, report }: LabOptions): Promise<number> => {
  const reasons = reasonsAgainst([{ name: PREFIX, needs: PATRONI_NEEDS }], findOut());
  if (reasons.length > 0) {
    console.error(`PostgreSQL cannot be run here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  const faults = scenarios.filter((name) => name !== PREFIX).map((name) => name.slice(PREFIX.length + 1));
  const options: PairOptions = { faults, isFull: mode === "full" };
  const cells = await runInside<CellResult[]>(INNER, options);
  if (cells === undefined) return 1;
  console.error(asText(cells));
  for (const cell of cells)
    for (const complaint of complaintsOf(cell))
      console.error(`wrong: ${cell.fault}, ${cell.rule}: ${complaint}`);
  if (json) console.log(asJson(cells));
  if (report) {
    const day = new Date().toISOString().slice(0, 10);
    const how = `\`npm run lab -- --scenario postgresql${mode === "full" ? " --full" : ""} --report\`, ${day}, Linux ${release().split("-")[0]}, ${cpus().length} cores.`;
    const page = await readFile(PAGE, "utf8");
    await writeFile(
      PAGE,
      page.replace(MEASURED, (_, heading: string) => `${heading}${asPart(cells, how).trimEnd()}\n`),
    );
  }
  return cells.length > 0 && cells.every((cell) => complaintsOf(cell).length === 0) ? 0 : 1;
};
