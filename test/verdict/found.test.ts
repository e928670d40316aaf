/** Lists of events that the adversary has found: each once broke a law, and must keep it now. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { judge } from "../../src/verdict/judge.ts";
import { breachesLeft, type Finding } from "../../harness/sim/adversary/finding.ts";

const FOLDER = new URL("found/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

const findingIn = (file: string): Finding =>
  JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Finding;

describe("what the adversary has found", () => {
  it("keeps the law that it broke", () => {
    for (const file of FILES) expect(breachesLeft(findingIn(file), judge), file).toEqual([]);
  });
});
