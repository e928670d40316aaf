import type { Tail } from "../bench/statistics.ts";
import { asColumns } from "../../test/text/columns.ts";
import type { Detection } from "./follow.ts";
import type { ScaleFigure } from "./measure.ts";

const shown = (value: number, digits = 2): string => (Number.isNaN(value) ? "—" : value.toFixed(digits));
const times = (of: number, base: number): string => (base > 0 ? shown(of / base) : "—");

type Row = [what: string, of: (figure: ScaleFigure) => number, digits?: number];

const tail = (what: string, of: (figure: ScaleFigure) => Tail): Row[] => [
  [`${what}, median`, (figure) => of(figure).p50, 0],
  ["  99 of 100 within", (figure) => of(figure).p99, 0],
  ["  at most", (figure) => of(figure).max, 0],
];

const detection = (what: string, of: (figure: ScaleFigure) => Detection): Row[] => [
  [`${what}: targets`, (figure) => of(figure).targets, 0],
  ["  of them told", (figure) => of(figure).ms.count, 0],
  ["  after seconds, median", (figure) => of(figure).ms.p50 / 1_000],
  ["  99 of 100 within", (figure) => of(figure).ms.p99 / 1_000],
  ["  at most", (figure) => of(figure).ms.max / 1_000],
];

const ROWS: Row[] = [
  ["until all were put, s", ({ putMs }) => putMs / 1_000],
  ["puts done again", ({ refused }) => refused, 0],
  ["until all were alive, s", ({ aliveMs }) => aliveMs / 1_000],
  ["looks a second", ({ steady }) => steady.looks / (steady.windowMs / 1_000), 1],
  ["looks, as a share of those due", ({ steady }) => steady.share],
  ["rows a target and hour, vantages", ({ steady }) => steady.vantageRows],
  ["rows a target and hour, aggregators", ({ steady }) => steady.aggregatorRows],
  ["calls a target and hour, vantages", ({ steady }) => steady.vantageCalls],
  ["calls a target and hour, aggregators", ({ steady }) => steady.aggregatorCalls],
  ["processor ms for 1,000 looks", ({ steady }) => steady.cpuMs, 0],
  ["processor, share of one core", ({ steady }) => steady.cpuShare],
  ...tail("tick begun after it was due, ms", ({ steady }) => steady.tickMs),
  ...tail("report taken after it was made, ms", ({ steady }) => steady.reportMs),
  ...detection("killed, process_crashed", ({ crashed }) => crashed),
  ...detection("killed, confirmed", ({ crashConfirmed }) => crashConfirmed),
  ...detection("site cut, routing avoid", ({ avoided }) => avoided),
  ...detection("site cut, whole site named", ({ siteNamed }) => siteNamed),
  ["object ended: its shard answers after ms", ({ answersMs }) => answersMs, 0],
  ["  targets of its shard that moved by it", ({ stray }) => stray, 0],
  ["  killed with it, told after seconds", ({ late }) => late.ms.p50 / 1_000],
  ["untouched targets that moved", ({ untouched }) => untouched.moved, 0],
  ...tail("tick late while faults went on, ms", ({ tickMs }) => tickMs),
];

const listLines = ({ lists }: ScaleFigure): string[] =>
  asColumns(
    [
      ["list of all", "status", "ms", "bytes"],
      ...lists.map(({ path, status, ms, bytes }) => [path, String(status), shown(ms, 0), String(bytes)]),
    ],
    1,
  );

/** Both beside each other, with ratios. */
export const scaleTable = (base: ScaleFigure, whole: ScaleFigure): string => {
  const { vantages, intervalMs } = whole.scale;
  const head = ["", ...[base, whole].map(({ scale }) => `${scale.targets} on ${scale.shards}`), "×"];
  const rows = ROWS.map(([what, of, digits]) => [
    what,
    shown(of(base), digits),
    shown(of(whole), digits),
    times(of(whole), of(base)),
  ]);
  return [
    `Targets on shards, ${vantages} vantages, an interval of ${intervalMs / 1_000} s. Killed: SIGKILL of the process that holds 1 % of the targets.`,
    "Cut: SIGSTOP of the process that holds one site of twenty, its listeners' backlogs full, so that the kernel drops every SYN.",
    ...asColumns([head, ...rows], 1).map((line) => `  ${line}`),
    ...listLines(whole).map((line) => `  ${line}`),
    `  own health at the end: ${whole.health.length === 0 ? "ok" : whole.health.join("; ")}`,
  ].join("\n");
};
