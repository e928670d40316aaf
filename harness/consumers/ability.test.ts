import { describe, expect, test } from "vitest";
import { reasonsAgainst } from "./ability.ts";
import { parseOptions } from "./options.ts";

const consumers = [
  { name: "one", needs: { commands: { haproxy: "haproxy", dig: "dnsutils" } } },
  { name: "two", needs: { commands: { keepalived: "keepalived" }, root: true as const } },
];
const able = { platform: "linux", isRoot: true, isThere: () => true };

describe("whether the consumers can run here", () => {
  test("nothing is said where all is there", () => {
    expect(reasonsAgainst(consumers, able)).toEqual([]);
  });

  test("what is missing is named with the packages that bring it", () => {
    const isThere = (command: string): boolean => !["dig", "keepalived"].includes(command);
    expect(reasonsAgainst(consumers, { ...able, isThere })).toEqual([
      "missing: dig, keepalived",
      "install with: apt-get install dnsutils keepalived",
    ]);
  });

  test("who needs root is named where we are not", () => {
    expect(reasonsAgainst(consumers, { ...able, isRoot: false })).toEqual([
      "run as root, or leave out with --only: two",
    ]);
  });

  test("elsewhere than on Linux that is all there is to say", () => {
    expect(reasonsAgainst(consumers, { ...able, platform: "darwin" })).toHaveLength(1);
  });
});

describe("the command line", () => {
  const all = { mode: "run", only: [], matrix: true, times: true, costs: true, json: false, report: false };
  test.each([
    [[], all],
    [["--only", "one", "--only", "two"], { ...all, only: ["one", "two"], times: false, costs: false }],
    [["--times", "--json"], { ...all, matrix: false, costs: false, json: true }],
    [["--only", "one", "--times"], { ...all, only: ["one"], costs: false }],
    [["--costs"], { ...all, matrix: false, times: false }],
    [["--report"], { ...all, report: true }],
    [["--only", "one", "--report"], { ...all, only: ["one"], times: false, costs: false, report: true }],
    [["--check"], { ...all, mode: "check" }],
    [["--list"], { ...all, mode: "list" }],
  ])("%j is understood", (words, options) => {
    expect(parseOptions(words, ["one", "two"])).toEqual(options);
  });

  test.each([
    [["--only", "three"], "no such consumer: three"],
    [["--costs", "--report"], "--report"],
    [["--only", "one", "--times", "--report"], "--report"],
    [["--nothing"], "--nothing"],
  ])("%j is turned away", (words, saying) => {
    expect(parseOptions(words, ["one", "two"])).toContain(saying);
  });
});
