import { DetectorApi, type Key, pathOf } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { NodeProcess } from "../nodes/process.ts";
import { answerOn, detectorOn, keysOf, untilAlive, watchAll } from "./detector.ts";
import { ask, type Question } from "./load.ts";
import { type Spread, spreadOf } from "./statistics.ts";
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
  /** What the plain route's answer costs workerd in CPU time as a share of what this one costs; NaN: not told here. */
  cpu: Spread;
}

interface Contender {
  what: string;
  bytes: number;
  question: Question;
  rates: number[];
  cpuMs: number[];
}

/** Reads of one real verdict through the API, interleaved with a plain route of the same bytes in the same workerd. */
export const measureReads = async (): Promise<ReadFigure[]> => {
  const [port, plainPort] = [await freePort(), await freePort()];
  const node = await NodeProcess.start();
  const workerd = await Workerd.start([
    detectorOn(port, DETECTOR),
    { name: "plain", port: plainPort, entry: PLAIN, objects: { PLAIN: "Plain" }, vars: {} },
  ]);
  try {
    const api = new DetectorApi(`http://127.0.0.1:${port}`);
    const key = keysOf(1)[0] as Key;
    await watchAll(api, [key], node.url);
    await untilAlive(api, [key]);
    const contenders = await contend(api, key, port, plainPort);
    await race(workerd, contenders);
    return figuresOf(contenders);
  } finally {
    await workerd.stop();
    await node.stop();
  }
};

const contend = async (api: DetectorApi, key: Key, port: number, plainPort: number): Promise<Contender[]> => {
  const contender = async (what: string, at: number, path: string, status = 200): Promise<Contender> => {
    const bytes = (await answerOn(new DetectorApi(`http://127.0.0.1:${at}`), key, path)).text.length;
    const question = { port: at, path: `${pathOf(key)}/${path}`, token: "local-read", status };
    return { what, bytes, question, rates: [], cpuMs: [] };
  };
  const verdict = await answerOn(api, key, "verdict");
  await fetch(`http://127.0.0.1:${plainPort}/bytes`, { method: "PUT", body: verdict.text });
  return [
    await contender("plain route", plainPort, "verdict"),
    await contender("plain route again", plainPort, "verdict"),
    await contender("/verdict", port, "verdict"),
    await contender("/up", port, "up"),
    await contender("/failover", port, "failover", 409),
  ];
};

/** Short turns, the order shifted by one each round, so that a busy moment of the machine hits all alike. */
const race = async (workerd: Workerd, contenders: Contender[]): Promise<void> => {
  for (const { question } of contenders) await ask(question, CONNECTIONS, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length] as Contender;
      const before = workerd.cpuMs();
      const { answers, perSecond } = await ask(contender.question, CONNECTIONS, TURN_MS);
      contender.rates.push(perSecond);
      contender.cpuMs.push((workerd.cpuMs() - before) / answers);
    }
};

const figuresOf = (contenders: Contender[]): ReadFigure[] => {
  const [plain] = contenders as [Contender];
  return contenders.map(({ what, bytes, rates, cpuMs }) => ({
    what,
    bytes,
    answersPerSecond: Math.round(spreadOf(rates).median),
    rate: spreadOf(rates.map((rate, round) => rate / (plain.rates[round] ?? NaN))),
    cpu: spreadOf(cpuMs.map((cost, round) => (plain.cpuMs[round] ?? NaN) / cost)),
  }));
};
