import { describe, expect, inject, test } from "vitest";
import "../probe/provided.ts";
import type { Finding } from "../../src/domain/observation.ts";
import { Channels } from "../../src/probe/channel.ts";
import { startProbe, type Wire } from "../../src/probe/probe.ts";
import { workersDial } from "../../src/vantage/workers-dial.ts";
import { inTime, said } from "../probe/in-time.ts";
import { oneAtATime } from "../probe/queue.ts";

/** How many answers are looked at at once. With three probes each, that is what one invocation of the platform may have waiting. */
const AT_ONCE = 2;

const corpus = inject("corpus");
const differences = inject("differences");
const KINDS = [...new Set(corpus.map(({ name }) => name.slice(0, name.indexOf(":"))))];

/** Channels that know raw connects to all these answers to have worked in health. */
const proven = new Channels();
for (const { port } of corpus) proven.learn(`localhost:${port}`, Date.now(), { kind: "opened", tookMs: 1 });

const wireOf = (channels: Channels): Wire => ({
  dial: workersDial,
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  vantage: "weur",
  autopsy: oneAtATime(),
  channels,
  relayed: true,
});

type Answer = (typeof corpus)[number];
interface Seen {
  answer: Answer;
  byFetch: Finding;
  /** By fetch, while nothing is known of raw connects. */
  atFirst: Finding;
  bySocket: Finding;
}

/** Looks by name, which uses fetch, with and without knowledge that raw connects work; and by address, which uses a socket. */
const look = async (answer: Answer): Promise<Seen> => {
  const at = (host: string, channels: Channels): Promise<Finding> =>
    inTime(
      answer.found,
      (timeoutMs) =>
        startProbe(
          { url: `http://${host}:${answer.port}/`, timeoutMs, expect: answer.expect },
          wireOf(channels),
        ).finding,
    );
  const [atFirst, byFetch, bySocket] = await Promise.all([
    at("localhost", new Channels()),
    at("localhost", proven),
    at("127.0.0.1", new Channels()),
  ]);
  return { answer, atFirst, byFetch, bySocket };
};

const lookAt = async (answers: Answer[]): Promise<Seen[]> => {
  const seen: Seen[] = [];
  const left = [...answers];
  const turns = async (): Promise<void> => {
    for (let answer = left.shift(); answer !== undefined; answer = left.shift())
      // oxlint-disable-next-line no-await-in-loop -- one after the other, `AT_ONCE` side by side
      seen.push(await look(answer));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turns));
  return seen;
};

/** The entry of the table of differences that applies: the answer's name, or the beginning of the socket reader's detail. */
const wordsFor = ({ answer, bySocket }: Seen): string | undefined =>
  differences
    .flatMap(({ of }) => of)
    .find((words) => answer.name === words || bySocket.detail?.startsWith(words) === true);

describe("answers as bytes, read in workerd", () => {
  const used = new Set<string>();

  test.each(KINDS)("%s: found alike by fetch and by socket, or as the table says", async (kind) => {
    const seen = await lookAt(corpus.filter(({ name }) => name.startsWith(`${kind}:`)));
    const rows = seen.map((one) => {
      const words = wordsFor(one);
      if (words !== undefined) used.add(words);
      const { found, name } = one.answer;
      const row = differences.find(({ of }) => words !== undefined && of.includes(words)) ?? {
        byFetch: found,
        bySocket: found,
        onNode: found,
      };
      return {
        seen: `${name}: ${said(one.atFirst)} at first, ${said(one.byFetch)} by fetch, ${said(one.bySocket)} by socket, ${found} on Node`,
        due: `${name}: ${row.byFetch} at first, ${row.byFetch} by fetch, ${row.bySocket} by socket, ${row.onNode} on Node`,
      };
    });
    expect(rows.map((row) => row.seen)).toEqual(rows.map((row) => row.due));
  });

  test("no row of the table is about nothing", () => {
    expect(differences.flatMap(({ of }) => of).filter((words) => !used.has(words))).toEqual([]);
  });
});
