/** The figures of an attack as lines for people. */
import type { Tail } from "../bench/statistics.ts";
import type { KillFigures } from "./kills.ts";
import type { LoadFigures } from "./load.ts";
import type { RequestFigures } from "./requests.ts";

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} × ${kind}`)
    .join(", ");

export const killWords = ({ kills, acknowledged, faults, slowestStartMs }: KillFigures): string[] => [
  `${kills} SIGKILLs; acknowledged and looked for: ${counted(acknowledged)}`,
  `${faults.length} lost, gone back or half there; slowest start ${slowestStartMs.toFixed(0)} ms`,
];

const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MiB`;

const tail = ({ count, p50, p99, max }: Tail): string =>
  `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, at worst ${max.toFixed(0)} ms (${count} ticks)`;

export const loadWords = (figures: LoadFigures): string[] => [
  `${figures.minutes} min`,
  `ticks late, idle: ${tail(figures.idleLateMs)}`,
  `ticks late, under load: ${tail(figures.loadLateMs)}; p99 ${(figures.loadLateMs.p99 / figures.idleLateMs.p99).toFixed(2)} times the idle one`,
  `ticks late, the minute after: ${tail(figures.afterLateMs)}`,
  `memory: ${mib(figures.memory.idle)} idle, ${mib(figures.memory.most)} at most, ${mib(figures.memory.after)} a minute after`,
  ...Object.entries(figures.answers).map(
    ([name, { asked, statuses, wrong }]) =>
      `${name}: ${asked} asked; ${Object.entries(statuses)
        .map(([status, count]) => `${count} × ${status}`)
        .join(", ")}${wrong === 0 ? "" : `; ${wrong} wrong`}`,
  ),
  figures.wellAfterMs === null
    ? "not well within a minute after"
    : `well ${(figures.wellAfterMs / 1_000).toFixed(1)} s after: health ok, every calm target alive by new looks`,
  `changes of verdict of targets to which nothing happened: ${counted(figures.moved) || "none"}`,
  `the runtime had ${(figures.cpuShare * 100).toFixed(0)} % of a core; ${figures.machineLoad.toFixed(1)} programs ran or waited on the machine`,
];

export const requestWords = ({ cells, statuses, faults }: RequestFigures): string[] => [
  `${cells} cells of credentials and calls; made-up requests: ${Object.entries(statuses)
    .map(([status, count]) => `${count} × ${status}`)
    .join(", ")}`,
  `${faults.length} faults`,
];
