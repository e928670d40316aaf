import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wishesIn } from "../../../src/cli/apply/wishes.ts";
import { imported } from "../../../src/cli/import/import-command.ts";
import { parseSettings } from "../../../src/cli/import/settings.ts";
import { MADE_UP, SECRET } from "./made-up.ts";
import { ENVIRONMENT } from "./stage.ts";

const RUNS = 300;

describe("whatever is imported", () => {
  it.each(Object.entries(MADE_UP))(
    "is taken by apply or told of, each of it, and shows no secret: %s",
    (kind, made) => {
      let accepted = 0;
      fc.assert(
        fc.property(made, ({ files, count }) => {
          const settings = parseSettings([kind, ...Object.keys(files)]);
          if (typeof settings === "string") throw new Error(settings);
          const sources = Object.entries(files).map(([file, content]) => ({ file, text: content }));
          const result = imported(sources, settings);
          if ("flaws" in result) {
            expect(result.flaws.length).toBeGreaterThan(0);
            return;
          }
          const wishes = wishesIn(result.text, ENVIRONMENT);
          expect(wishes).not.toBeInstanceOf(Array);
          expect("targets" in wishes && wishes.targets.length).toBe(result.count);
          expect(result.report[0]).toBe(`Carried over: ${result.count} of ${count}.`);
          expect(result.text + result.report.join("\n")).not.toContain(SECRET);
          accepted += result.count;
        }),
        { numRuns: RUNS },
      );
      expect(accepted, "the law was not put to targets").toBeGreaterThan(20);
    },
  );
});
