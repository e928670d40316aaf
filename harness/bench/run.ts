// `npm run bench`: what the detector costs, as ratios within this run. With names of parts it runs these alone; `--json` prints JSON.
import { type CostFigure, measureCost } from "./cost.ts";
import { measureJudge } from "./judge.ts";
import { measureLateness } from "./lateness.ts";
import { measureReads } from "./reads.ts";
import { measureRejudging } from "./rejudge.ts";
import { measureStart } from "./start.ts";
import { costTable, judgeTable, latenessTable, readTable, rejudgeTable, startTable } from "./table.ts";

/** Counted side by side: rows and calls do not depend on how busy the machine is. */
const COSTS: [targets: number, failure: CostFigure["failure"]][] = [
  [1, "refused"],
  [1, "silent"],
  [20, "silent"],
  [100, "refused"],
  [100, "hung"],
  [100, "silent"],
];

interface Part {
  what: string;
  measure: () => Promise<{ figures: unknown; table: string }>;
}

const part = <T>(what: string, measure: () => Promise<T> | T, table: (figures: T) => string): Part => ({
  what,
  measure: async () => {
    const figures = await measure();
    return { figures, table: table(figures) };
  },
});

const PARTS: Record<string, Part> = {
  reads: part(
    "reads of a verdict against a plain route, interleaved (three quarters of a minute)",
    measureReads,
    readTable,
  ),
  lateness: part(
    "ticks alone, with 1,000 reads a second and beside 20 busy programs (two and a half minutes)",
    measureLateness,
    latenessTable,
  ),
  costs: part(
    "rows and calls, healthy and failing, counted (a minute and a half)",
    () => Promise.all(COSTS.map(([targets, failure]) => measureCost(targets, failure))),
    costTable,
  ),
  judge: part("the judge against a plain majority", measureJudge, judgeTable),
  rejudging: part("10,000 targets judged again in full (half a minute)", measureRejudging, rejudgeTable),
  start: part(
    "starts of the program against a bare one of Node, interleaved (half a minute)",
    measureStart,
    startTable,
  ),
};

const flags = process.argv.slice(2);
const names = flags.filter((flag) => !flag.startsWith("--"));
const unknown = [
  ...names.filter((name) => !(name in PARTS)),
  ...flags.filter((flag) => flag.startsWith("--") && flag !== "--json"),
];
if (unknown.length > 0) {
  console.error(
    `no such part or flag: ${unknown.join(" ")}; there are ${Object.keys(PARTS).join(" ")} and --json`,
  );
  process.exit(2);
}

const figures: Record<string, unknown> = {};
const tables: string[] = [];
for (const [name, { what, measure }] of Object.entries(PARTS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.error(`${what} …`);
  const measured = await measure();
  figures[name] = measured.figures;
  tables.push(measured.table);
}
console.log(flags.includes("--json") ? JSON.stringify(figures, null, 2) : tables.join("\n\n"));
