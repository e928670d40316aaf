import { DetectorApi, type Key, pathOf } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { NodeProcess } from "../nodes/process.ts";
import type { Question } from "./conversation.ts";
import { answerOn, detectorOn, keysOf, untilAlive, watchAll } from "./detector.ts";
import { ask } from "./load.ts";
import { type Spread, spreadOf, type Tail, tailOf } from "./statistics.ts";
import { Workerd } from "./workerd.ts";

const DETECTOR = new URL("../../src/index.ts", import.meta.url);
const PLAIN = new URL("./worker/plain.ts", import.meta.url);
const CONNECTIONS = 32;
const ROUNDS = 60;
const TURN_MS = 60;
const WARM_UP_MS = 1_000;

/** One kind of read against the plain route, round by round. */
export interface ReadFigure {
  what: string;
  bytes: number;
  answersPerSecond: number;
  /** Answers a second as a share of the plain route's. */
  rate: Spread;
  /** CPU time of the plain route's answer in workerd, as a share of this answer's CPU time; NaN: the system does not report it. */
  cpu: Spread;
  /** From question to answer in milliseconds, over all rounds. */
  timeMs: Tail;
  /** The same as multiples of the plain route's. */
  timesPlain: { p50: number; p99: number };
}

interface Contender {
  what: string;
  bytes: number;
  /** One for each connection, in turn. */
  questions: Question[];
  rates: number[];
  cpuMs: number[];
  timesMs: number[];
}

/** Reads of real verdicts through the API, interleaved with a plain route of the same bytes in the same workerd. */
export const measureReads = async (): Promise<ReadFigure[]> => {
  const [port, plainPort] = [await freePort(), await freePort()];
  const node = await NodeProcess.start();
  const workerd = await Workerd.start([
    detectorOn(port, DETECTOR),
    { name: "plain", port: plainPort, entry: PLAIN, objects: { PLAIN: "Plain" }, vars: {} },
  ]);
  try {
    const api = new DetectorApi(`http://127.0.0.1:${port}`);
    const keys = keysOf(CONNECTIONS);
    await watchAll(api, keys, node.url);
    await untilAlive(api, keys);
    const contenders = await contend(api, keys, port, plainPort);
    await race(workerd, contenders);
    return figuresOf(contenders);
  } finally {
    await workerd.stop();
    await node.stop();
  }
};

const contend = async (
  api: DetectorApi,
  keys: Key[],
  port: number,
  plainPort: number,
): Promise<Contender[]> => {
  const [key] = keys as [Key];
  const contender = async (
    what: string,
    at: number,
    path: string,
    of: Key[] = [key],
    status = 200,
  ): Promise<Contender> => {
    const bytes = (await answerOn(new DetectorApi(`http://127.0.0.1:${at}`), key, path)).text.length;
    const questions = of.map((one) => ({
      port: at,
      path: `${pathOf(one)}/${path}`,
      token: "local-read",
      status,
    }));
    return { what, bytes, questions, rates: [], cpuMs: [], timesMs: [] };
  };
  const verdict = await answerOn(api, key, "verdict");
  await fetch(`http://127.0.0.1:${plainPort}/bytes`, { method: "PUT", body: verdict.text });
  return [
    await contender("plain route", plainPort, "verdict"),
    await contender("plain route again", plainPort, "verdict"),
    await contender("/verdict", port, "verdict"),
    await contender("/verdict, 32 targets", port, "verdict", keys),
    await contender("/up", port, "up"),
    await contender("/up, 32 targets", port, "up", keys),
    await contender("/failover", port, "failover", [key], 409),
  ];
};

/** Short turns, the order shifted by one each round, so that a busy moment of the machine hits all contenders alike. */
const race = async (workerd: Workerd, contenders: Contender[]): Promise<void> => {
  for (const { questions } of contenders) await ask(questions, CONNECTIONS, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length] as Contender;
      const before = workerd.cpuMs();
      const { answers, perSecond, timesMs } = await ask(contender.questions, CONNECTIONS, TURN_MS);
      contender.rates.push(perSecond);
      contender.cpuMs.push((workerd.cpuMs() - before) / answers);
      contender.timesMs.push(...timesMs);
    }
};

const figuresOf = (contenders: Contender[]): ReadFigure[] => {
  const [plain] = contenders as [Contender];
  const plainTime = tailOf(plain.timesMs);
  return contenders.map(({ what, bytes, rates, cpuMs, timesMs }) => {
    const timeMs = tailOf(timesMs);
    return {
      what,
      bytes,
      answersPerSecond: Math.round(spreadOf(rates).median),
      rate: spreadOf(rates.map((rate, round) => rate / (plain.rates[round] ?? NaN))),
      cpu: spreadOf(cpuMs.map((cost, round) => (plain.cpuMs[round] ?? NaN) / cost)),
      timeMs,
      timesPlain: { p50: timeMs.p50 / plainTime.p50, p99: timeMs.p99 / plainTime.p99 },
    };
  });
};
