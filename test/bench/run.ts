// `npm run bench`: what the detector costs, as ratios within this run. `--json` for machines.
import { measureCost, type CostFigure } from "./cost.ts";
import { measureJudge } from "./judge.ts";
import { measureReads } from "./reads.ts";
import { measureRejudging } from "./rejudge.ts";
import { costTable, judgeTable, readTable, rejudgeTable } from "./table.ts";

const isJson = process.argv.includes("--json");
const tell = (text: string): void => console.error(text);

/** Counted side by side: rows and calls do not depend on how busy the machine is. */
const COSTS: [targets: number, failure: CostFigure["failure"]][] = [
  [1, "refused"],
  [1, "silent"],
  [20, "silent"],
  [100, "refused"],
  [100, "hung"],
  [100, "silent"],
];

tell("reads of a verdict against a plain route, interleaved (half a minute) …");
const reads = await measureReads();
tell("rows and calls, healthy and failing, counted (a minute and a half) …");
const costs = await Promise.all(COSTS.map(([targets, failure]) => measureCost(targets, failure)));
tell("the judge against a plain majority …");
const judge = measureJudge();
tell("10,000 targets judged again in full (half a minute) …");
const rejudging = measureRejudging();

console.log(
  isJson
    ? JSON.stringify({ reads, costs, judge, rejudging }, null, 2)
    : [readTable(reads), costTable(costs), judgeTable(judge), rejudgeTable(rejudging)].join("\n\n"),
);
