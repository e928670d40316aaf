import { describe, expect, it } from "vitest";
import { type WordOptions, wordFor } from "../../../src/cli/haproxy-agent/word.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { verdictNow } from "../fake-detector.ts";

const UP = { kind: "up" } as const;
const PLAIN: WordOptions = { from: undefined, gray: UP, partition: UP };
const avoid = { routing: "avoid", regions: {}, failover: false, reason: "" } as const;

const word = (changes: Partial<VerdictAnswer>, manner: Partial<WordOptions> = {}): string =>
  wordFor({ ...verdictNow("fra", "web-1"), ...changes }, { ...PLAIN, ...manner });

describe("the word for HAProxy", () => {
  it.each([
    ["up while it is alive", {}, {}, "ready up 100% #alive seq=7\n"],
    [
      "down when the advice is to avoid it",
      { verdict: "node_dead", advice: avoid },
      {},
      "ready down 100% #node_dead seq=7\n",
    ],
    [
      "down when that was settled before it got unknown",
      { verdict: "unknown", stale: true, advice: avoid },
      {},
      "ready down 100% #unknown seq=7\n",
    ],
    [
      "up when nothing is known and nothing was",
      { verdict: "unknown", stale: true },
      {},
      "ready up 100% #unknown seq=7\n",
    ],
    ["up while it is gray", { verdict: "gray" }, {}, "ready up 100% #gray seq=7\n"],
    [
      "what is chosen for gray",
      { verdict: "gray" },
      { gray: { kind: "drain" } },
      "drain up 100% #gray seq=7\n",
    ],
    [
      "a weight for gray",
      { verdict: "gray" },
      { gray: { kind: "weight", percent: 25 } },
      "ready up 25% #gray seq=7\n",
    ],
    [
      "down for gray that is to be avoided",
      { verdict: "gray", advice: avoid },
      { gray: { kind: "drain" } },
      "ready down 100% #gray seq=7\n",
    ],
    [
      "what is chosen for a partition",
      { verdict: "partitioned" },
      { partition: { kind: "down" } },
      "ready down 100% #partitioned seq=7\n",
    ],
    [
      "the region's advice where one is named",
      { verdict: "partitioned", advice: { ...avoid, routing: "serve", regions: { oc: "avoid" } } },
      { from: "oc" },
      "ready down 100% #partitioned seq=7\n",
    ],
    [
      "the advice for all from a region of a strange name",
      { verdict: "isolated", advice: avoid },
      { from: "constructor" },
      "ready down 100% #isolated seq=7\n",
    ],
    [
      "the advice for all from a region that has none",
      { verdict: "partitioned" },
      { from: "me" },
      "ready up 100% #partitioned seq=7\n",
    ],
    [
      "down from a remote vantage that is cut off",
      { verdict: "partitioned", unreachableFrom: ["office"] },
      { from: "office" },
      "ready down 100% #partitioned seq=7\n",
    ],
    [
      "an operator's word whatever is chosen",
      {
        verdict: "gray",
        override: { advice: { routing: "serve" }, reason: "x", until: "2026-11-22T18:30:00.000Z" },
      },
      { gray: { kind: "down" } },
      "ready up 100% #gray seq=7\n",
    ],
  ] as [string, Partial<VerdictAnswer>, Partial<WordOptions>, string][])(
    "is %s",
    (_what, changes, manner, line) => {
      expect(word(changes, manner)).toBe(line);
    },
  );
});
