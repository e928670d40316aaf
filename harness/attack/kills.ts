import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { NewToken } from "../../src/domain/token.ts";
import type { NewVantage } from "../../src/domain/vantage.ts";
import { until } from "../../scripts/until.ts";
import { type Built, Runtime } from "./runtime.ts";
import {
  askOf,
  drillWriter,
  overrideWriter,
  reportWriter,
  sequenceReader,
  targetWriter,
  tokenWriter,
  vantageWriter,
  webhookWriter,
  wordWriter,
  type Writer,
} from "./writers.ts";

/** How long mixed writes go on before each kill: so short that many kills come in the middle of a write. */
const LEAST_MS = 20;
const MOST_MS = 900;
const ANSWERS_WITHIN_MS = 20_000;

export interface KillFigures {
  kills: number;
  /** Acknowledged writes by kind; each was looked for after the next kill. */
  acknowledged: Record<string, number>;
  faults: string[];
  /** The longest time from the start of a new process to the first read that is answered. */
  slowestStartMs: number;
}

/** A node and a receiver of webhooks in one: it answers all requests, and fails half of the time so that verdicts move. */
const startNode = async (): Promise<{ url: string; stop: () => void }> => {
  const server = createServer((_request, answer) => {
    answer.statusCode = Math.floor(Date.now() / 20_000) % 2 === 0 ? 200 : 500;
    answer.end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const STAYING = ["one", "two", "drilled"];
const pathOf = (name: string): string => `/v1/sites/staying/targets/${name}`;

const writersOf = async (runtime: Runtime, node: string): Promise<Writer[]> => {
  const ask = askOf(runtime.api);
  for (const name of STAYING)
    await runtime.api.putTarget(
      { site: "staying", target: name },
      { url: `${node}/${name}`, intervalMs: 5_000, timeoutMs: 2_000 },
    );
  const { token: notify }: NewToken = await runtime.api.makeToken({
    scope: "notify",
    site: "staying",
    target: "two",
  });
  const { token: vantage }: NewVantage = await runtime.api.registerVantage({
    id: "reports",
    region: "reports",
    provider: "other",
    sites: "all",
  });
  return [
    ...["a", "b", "c"].map((name) => targetWriter(ask, name, node)),
    overrideWriter(ask, pathOf("one")),
    drillWriter(ask, "staying"),
    tokenWriter(ask),
    vantageWriter(ask),
    webhookWriter(ask, node),
    reportWriter(ask, vantage),
    wordWriter(ask, pathOf("two"), notify),
    ...STAYING.map((name) => sequenceReader(ask, pathOf(name))),
  ];
};

/** Writes of every kind against the built bundle, which is killed again and again in the middle of them. */
export const attackByKills = async (
  built: Built,
  kills: number,
  say: (line: string) => void,
): Promise<KillFigures> => {
  const node = await startNode();
  const runtime = await Runtime.on(built);
  const figures: KillFigures = { kills: 0, acknowledged: {}, faults: [], slowestStartMs: 0 };
  try {
    await runtime.start();
    await runtime.cron();
    const writers = await writersOf(runtime, node.url);
    while (figures.kills < kills) {
      await writeUntilKilled(runtime, writers);
      figures.kills += 1;
      const began = performance.now();
      await runtime.start();
      await untilAnswers(runtime);
      figures.slowestStartMs = Math.max(figures.slowestStartMs, performance.now() - began);
      await runtime.cron();
      for (const writer of writers) figures.faults.push(...(await writer.check()));
      if (figures.kills % 20 === 0) say(`${figures.kills} kills, ${figures.faults.length} faults`);
    }
    for (const { kind, acknowledged } of writers)
      figures.acknowledged[kind] = (figures.acknowledged[kind] ?? 0) + acknowledged();
    return figures;
  } finally {
    await runtime.end();
    node.stop();
  }
};

const writeUntilKilled = async (runtime: Runtime, writers: Writer[]): Promise<void> => {
  let isOver = false;
  const writing = writers.map(async (writer) => {
    while (!isOver) {
      await writer.write();
      // A writer that has nothing to write must not keep the others from their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await new Promise((resolve) => setTimeout(resolve, LEAST_MS + Math.random() * (MOST_MS - LEAST_MS)));
  await runtime.kill();
  isOver = true;
  await Promise.all(writing);
};

const untilAnswers = (runtime: Runtime): Promise<boolean> =>
  until(async () => (await runtime.api.ask("/v1/sites")).status === 200, {
    withinMs: ANSWERS_WITHIN_MS,
    everyMs: 20,
    explain: () => "nothing was answered after a restart",
  });
