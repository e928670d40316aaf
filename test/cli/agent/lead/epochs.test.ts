import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Epochs } from "../../../../src/cli/agent/lead/epochs.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "parallax-epochs-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let groups = 0;
const opened = (group: string): Epochs => new Epochs(directory, { site: "fra", target: "db" }, group);

test("neither the greatest epoch nor the one given back falls, whoever opens the file next", () => {
  const words = fc.array(fc.tuple(fc.constantFrom("keep", "spend"), fc.nat(20)), { maxLength: 12 });
  fc.assert(
    fc.property(words, (said) => {
      const group = `group-${groups++}`;
      for (const [index, [word, epoch]] of said.entries()) {
        const before = opened(group);
        const epochs = opened(group);
        epochs[word as "keep" | "spend"](epoch);
        const all = said.slice(0, index + 1);
        const spent = Math.max(0, ...all.filter(([one]) => one === "spend").map(([, one]) => one));
        const after = opened(group);
        expect(after.spent).toBe(spent);
        expect(after.greatest).toBe(Math.max(0, ...all.map(([, one]) => one)));
        expect(after.greatest).toBeGreaterThanOrEqual(before.greatest);
      }
    }),
    { numRuns: 30 },
  );
});

test("a file that holds something else is said to", () => {
  const epochs = opened("broken");
  writeFileSync(epochs.file, "seven\n");
  expect(() => epochs.greatest).toThrow(/does not hold two epochs/);
});
