import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The imports by which a test starts processes: Node's own module, or one of our modules. */
const STARTS = /from "node:(child_process)"|from ".*\/(running|program|process)\.ts"|inject\("program"\)/;

const tests = globSync("{test,harness}/**/*.test.ts").filter((file) => !file.startsWith("test/chain/"));

test("a test that starts processes is named .full.test.ts, so that npm test stays quick", () => {
  expect(tests.length).toBeGreaterThan(100);
  const starting = tests.filter((file) => STARTS.test(readFileSync(file, "utf8")));
  expect(starting.filter((file) => !file.endsWith(".full.test.ts"))).toEqual([]);
});
