import { spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { endAtExit } from "../../scripts/children.ts";
import { DetectorApi, type Key, pathOf } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { NodeProcess } from "../nodes/process.ts";
import type { Question } from "./conversation.ts";
import { detectorOn, keysOf, untilAlive, VANTAGES, watchAll } from "./detector.ts";
import { emptyLateness, type Told } from "./lateness-told.ts";
import { askAtRate } from "./load.ts";
import { type Tail, tailOf } from "./statistics.ts";
import { Workerd } from "./workerd.ts";

const TIMED = new URL("./worker/timed.ts", import.meta.url);
const TARGETS = 20;
const READS_PER_SECOND = 1_000;
/** Endless loops that share the machine's cores with the detector. */
const BUSY_PROGRAMS = 20;
/** Windows with and without load take turns, so that a busy moment of the machine hits both. */
const WINDOW_MS = 15_000;
const PAIRS = 3;
const SETTLE_MS = 6_000;

/** One kind of window: how late ticks began, how late reports were taken. */
export interface Lateness {
  tickMs: Tail;
  reportMs: Tail;
}

export interface LatenessFigure {
  targets: number;
  vantages: number;
  readsPerSecond: number;
  quiet: Lateness;
  loaded: Lateness;
  /** Without reads, beside this many endless loops. */
  busyPrograms: number;
  busy: Lateness;
  /** The reads themselves, from the instant each was due until it was answered. */
  readMs: Tail;
}

/** Ticks of a real detector alone, beside busy programs, and with pollers that ask at a rate that does not depend on the answers. */
export const measureLateness = async (): Promise<LatenessFigure> => {
  const port = await freePort();
  const node = await NodeProcess.start();
  const workerd = await Workerd.start([detectorOn(port, TIMED)]);
  try {
    const api = new DetectorApi(`http://127.0.0.1:${port}`);
    const keys = keysOf(TARGETS);
    await watchAll(api, keys, node.url);
    await untilAlive(api, keys);
    await wait(SETTLE_MS);
    const questions = keys.flatMap((key) => questionsOn(key, port));
    const quiet = emptyLateness();
    const loaded = emptyLateness();
    const busy = emptyLateness();
    const readMs: number[] = [];
    await toldBy(api);
    for (let pair = 0; pair < PAIRS; pair++) {
      await wait(WINDOW_MS);
      add(quiet, await toldBy(api));
      readMs.push(...(await askAtRate(questions, READS_PER_SECOND, WINDOW_MS)).timesMs);
      add(loaded, await toldBy(api));
      await beside(BUSY_PROGRAMS, () => wait(WINDOW_MS));
      add(busy, await toldBy(api));
    }
    return {
      targets: TARGETS,
      vantages: VANTAGES.length,
      readsPerSecond: READS_PER_SECOND,
      quiet: latenessOf(quiet),
      loaded: latenessOf(loaded),
      busyPrograms: BUSY_PROGRAMS,
      busy: latenessOf(busy),
      readMs: tailOf(readMs),
    };
  } finally {
    await workerd.stop();
    await node.stop();
  }
};

/** Half of the pollers ask `/up`, the others the verdict and failover. */
const questionsOn = (key: Key, port: number): Question[] =>
  [
    { kind: "up", status: 200 },
    { kind: "verdict", status: 200 },
    { kind: "up", status: 200 },
    { kind: "failover", status: 409 },
  ].map(({ kind, status }) => ({ port, path: `${pathOf(key)}/${kind}`, token: "local-read", status }));

/** Runs `task` beside `count` programs that each use all the CPU time that they get. */
const beside = async (count: number, task: () => Promise<void>): Promise<void> => {
  const programs = Array.from({ length: count }, () =>
    spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }),
  );
  const forget = endAtExit(() => programs.forEach((program) => program.kill("SIGKILL")));
  try {
    await task();
  } finally {
    for (const program of programs) program.kill("SIGKILL");
    forget();
  }
};

const toldBy = async (api: DetectorApi): Promise<Told> =>
  JSON.parse((await api.ask("/lateness")).text) as Told;

const add = (to: Told, more: Told): void => {
  to.tickMs.push(...more.tickMs);
  to.reportMs.push(...more.reportMs);
};

const latenessOf = ({ tickMs, reportMs }: Told): Lateness => ({
  tickMs: tailOf(tickMs),
  reportMs: tailOf(reportMs),
});
