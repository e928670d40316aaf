import { asColumns } from "../../test/text/columns.ts";
import { type Cost, type CostFigure, ratioOf } from "./cost.ts";
import type { JudgeFigure } from "./judge.ts";
import type { LatenessFigure } from "./lateness.ts";
import type { ReadFigure } from "./reads.ts";
import type { RejudgeFigure } from "./rejudge.ts";
import type { StartFigure } from "./start.ts";
import type { Spread, Tail } from "./statistics.ts";

const two = (value: number): string => value.toFixed(2);
const spread = ({ median, min, max }: Spread): string =>
  Number.isNaN(median) ? "not told here" : `${two(median)} (${two(min)}–${two(max)})`;

/** Rows of cells under a title. */
const table = (title: string, rows: string[][]): string =>
  [title, ...asColumns(rows, 1).map((line) => `  ${line}`)].join("\n");

export const readTable = (figures: ReadFigure[]): string =>
  table("Reads through the API, as a share of a plain Hono route with one Durable Object call; goal 0.90", [
    [
      "",
      "bytes",
      "answers/s",
      "rate: median (min–max)",
      "CPU: median (min–max)",
      "p50 ms",
      "× plain",
      "p99 ms",
      "× plain",
    ],
    ...figures.map(({ what, bytes, answersPerSecond, rate, cpu, timeMs, timesPlain }) => [
      what,
      String(bytes),
      String(answersPerSecond),
      spread(rate),
      spread(cpu),
      two(timeMs.p50),
      two(timesPlain.p50),
      two(timeMs.p99),
      two(timesPlain.p99),
    ]),
  ]);

const tailCells = ({ count, p50, p99, max }: Tail): string[] => [String(count), two(p50), two(p99), two(max)];
/** The clock has whole milliseconds: a time of zero cannot be a divisor. */
const times = (loaded: number, quiet: number): string => (quiet > 0 ? two(loaded / quiet) : "—");

export const latenessTable = (figure: LatenessFigure): string => {
  const { quiet, loaded, busy, busyPrograms, readsPerSecond, readMs, targets, vantages } = figure;
  const rows = (["tickMs", "reportMs"] as const).flatMap((kind) => {
    const what = kind === "tickMs" ? "tick begun after it was due" : "report taken after it was made";
    return [
      [`${what}, no reads`, ...tailCells(quiet[kind])],
      [`${what}, ${readsPerSecond} reads/s`, ...tailCells(loaded[kind])],
      ["  ×", "", ...(["p50", "p99", "max"] as const).map((at) => times(loaded[kind][at], quiet[kind][at]))],
      [`${what}, ${busyPrograms} busy programs`, ...tailCells(busy[kind])],
      ["  ×", "", ...(["p50", "p99", "max"] as const).map((at) => times(busy[kind][at], quiet[kind][at]))],
    ];
  });
  return table(`Lateness in milliseconds, ${targets} targets, ${vantages} vantages, an interval of 5 s`, [
    ["", "count", "p50", "p99", "max"],
    ...rows,
    ["the reads, from due to answered", ...tailCells(readMs)],
  ]);
};

const costCells = (cost: Cost): string[] => [
  two(cost.vantageRows),
  two(cost.aggregatorRows),
  two(cost.vantageCalls),
  two(cost.aggregatorCalls),
  two(cost.probers),
  cost.gbSeconds.toFixed(4),
  two(cost.ticks),
];

export const costTable = (figures: CostFigure[]): string => {
  const windows = (figure: CostFigure): string[][] =>
    (["healthy", "fall", "failing"] as const).map((window) => {
      const cost = figure[window];
      const { rows, calls } = ratioOf(cost, figure.healthy);
      const name = { healthy: "healthy", fall: "from the failure on", failing: "all failing" }[window];
      const ratios = window === "healthy" ? ["", ""] : [two(rows), two(calls)];
      return [`${figure.targets} ${figure.failure}: ${name}`, ...costCells(cost), ...ratios];
    });
  const [one, hundred] = [1, 100].map((targets) => figures.find((figure) => figure.targets === targets));
  const scale =
    one === undefined || hundred === undefined ? undefined : ratioOf(hundred.healthy, one.healthy);
  const verdicts = figures.map(
    ({ targets, failure, verdicts: held }) =>
      `  ${targets} ${failure}: ${Object.entries(held)
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(", ")}`,
  );
  return [
    table("Rows written and calls made by each tick of a vantage, counted; goal failing/healthy 1.10", [
      [
        "targets, failure",
        "vantage rows",
        "aggr. rows",
        "vantage calls",
        "aggr. calls",
        "probers",
        "GB-s",
        "ticks",
        "rows ×",
        "calls ×",
      ],
      ...figures.flatMap(windows),
    ]),
    scale === undefined
      ? ""
      : `  healthy, 100 targets against 1: rows × ${two(scale.rows)}, calls × ${two(scale.calls)}`,
    "  held to be, at the end:",
    ...verdicts,
  ].join("\n");
};

export const judgeTable = ({ targets, timesMajority, judgementMs, recovery }: JudgeFigure): string =>
  [
    "The judge in this Node",
    `  one healthy report of ${targets} targets: × ${spread(timesMajority)} of a plain majority over the same votes`,
    `  that is ${spread(judgementMs)} ms; ${recovery.judgements} of them judged again after a restart: ${recovery.ms.toFixed(0)} ms`,
  ].join("\n");

export const rejudgeTable = (figures: RejudgeFigure[]): string =>
  table(
    `${figures[0]?.targets} targets × ${figures[0]?.vantages} vantages judged again in full, in this Node; goal 155 ms`,
    [
      ["", "inference ms: median (min–max)", "whole judgement ms", "× plain majority"],
      ...figures.map(({ what, inferenceMs, judgementMs, timesMajority }) => [
        what,
        spread(inferenceMs),
        spread(judgementMs),
        spread(timesMajority),
      ]),
    ],
  );

export const startTable = (figures: StartFigure[]): string =>
  [...new Set(figures.map(({ node }) => node))]
    .map((version) =>
      table(
        `Starts of the program in Node ${version}, as multiples of a bare start of it; goal 1.30 but for answers`,
        [
          ["", "wall ms", "×: median (min–max)", "CPU ms", "×: median (min–max)"],
          ...figures
            .filter(({ node }) => node === version)
            .map(({ what, wallMs, timesWall, cpuMs, timesCpu }) => [
              what,
              wallMs.median.toFixed(0),
              spread(timesWall),
              cpuMs.median.toFixed(0),
              spread(timesCpu),
            ]),
        ],
      ),
    )
    .join("\n\n");
