import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProbe } from "../../src/probe/probe.ts";
import type { Answer } from "./corpus/answer.ts";
import { readDifferences } from "./corpus/differences.ts";
import { NAMED } from "./corpus/found.ts";
import { CORPUS } from "./corpus/index.ts";
import { startCorpus } from "./corpus/server.ts";
import { inTime, said } from "./in-time.ts";
import { nodeWire } from "./wire.ts";

let corpus: Awaited<ReturnType<typeof startCorpus>>;
beforeAll(async () => {
  corpus = await startCorpus(CORPUS);
});
afterAll(() => corpus.stop());

const found = async ({ found: finds, expect: wish }: Answer, port: number | undefined): Promise<string> => {
  const spec = { url: `http://127.0.0.1:${port ?? 0}/`, expect: wish };
  const look = (timeoutMs: number) =>
    startProbe({ ...spec, timeoutMs }, nodeWire({ fetch: undefined })).finding;
  return said(await inTime(finds, look));
};

const KINDS = [...new Set(CORPUS.map(({ name }) => name.slice(0, name.indexOf(":"))))];

describe("answers as bytes, read from a socket on Node", () => {
  test.each(KINDS)("%s: each is found to be what it is", async (kind) => {
    const some = [...CORPUS.entries()].filter(([, { name }]) => name.startsWith(`${kind}:`));
    const seen = await Promise.all(
      some.map(async ([index, answer]) => [answer.name, await found(answer, corpus.ports[index])]),
    );
    expect(Object.fromEntries(seen)).toEqual(
      Object.fromEntries(some.map(([, answer]) => [answer.name, answer.found])),
    );
  });
});

describe("the corpus", () => {
  const names = new Set(CORPUS.map(({ name }) => name));

  test("names no answer twice, and finds nothing of an answer that it has not", () => {
    expect(names.size).toBe(CORPUS.length);
    expect(NAMED.filter((name) => !names.has(name))).toEqual([]);
  });

  test("has 150 answers and more beside the beginnings of ten", () => {
    expect(CORPUS.filter(({ name }) => !name.startsWith("cut of ")).length).toBeGreaterThanOrEqual(150);
    expect(KINDS.filter((kind) => kind.startsWith("cut of "))).toHaveLength(10);
  });

  test("differs where the table of docs/answers.md says so, each time with a reason", () => {
    const rows = readDifferences();
    expect(rows.length).toBeGreaterThan(0);
    for (const { of, why, byFetch, bySocket, onNode } of rows) {
      expect(of.length).toBeGreaterThan(0);
      expect(why.length).toBeGreaterThan(10);
      expect(new Set([byFetch, bySocket, onNode]).size).toBeGreaterThan(1);
    }
  });
});
