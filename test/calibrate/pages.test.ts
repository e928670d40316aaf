import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ASSUMPTIONS } from "../../scripts/calibrate/assumptions.ts";

test("what is weighed of docs/platform.md stands there by its name, and nothing else does", () => {
  const named = [...readFileSync("docs/platform.md", "utf8").matchAll(/^\| `([a-z-]+)` /gm)].map(
    ([, id]) => id,
  );
  const weighed = ASSUMPTIONS.filter(({ page }) => page === "docs/platform.md").map(({ id }) => id);
  expect(
    named.filter((id) => id !== undefined && ASSUMPTIONS.some((one) => one.id === id)).toSorted(),
  ).toEqual(weighed.toSorted());
  expect(named.filter((id) => !ASSUMPTIONS.some((one) => one.id === id))).toEqual([]);
});
