import fc from "fast-check";
import { expect, test } from "vitest";
import { Slot } from "./slot.ts";

const answered = (status: number) => (): Promise<{ status: number; text: string }> =>
  Promise.resolve({ status, text: "" });
const unanswered = (): Promise<never> => Promise.reject(new Error("killed"));

const step = fc.record({
  value: fc.option(fc.constantFrom("a", "b", "c")),
  end: fc.constantFrom("done", "refused", "unavailable", "killed"),
  /** Whether a write that was not answered was done all the same. */
  isDone: fc.boolean(),
});
const ASKS = {
  done: answered(200),
  refused: answered(409),
  unavailable: answered(503),
  killed: unanswered,
};

test("a store that does what it acknowledged is never at fault, whatever became of the rest", () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const slot = new Slot("it");
      let kept: string | null = null;
      for (const { value, end, isDone } of steps) {
        await slot.write(value, ASKS[end]);
        if (end === "done" || (end !== "refused" && isDone)) kept = value;
        if (!slot.isSettled) expect(slot.check(kept)).toBeNull();
      }
      expect(slot.check(kept)).toBeNull();
    }),
  ));

test.each([
  ["lost", "b", null],
  ["put back to an earlier state", "b", "a"],
  ["still there after it was taken away", null, "a"],
])("what was acknowledged and is %s is told", async (_name, acknowledged, read) => {
  const slot = new Slot("it");
  await slot.write("a", answered(201));
  await slot.write(acknowledged, answered(200));
  expect(slot.check(read)).toContain("it: read back");
});

test("what was refused and is there all the same is told", async () => {
  const slot = new Slot("it");
  await slot.write("a", answered(409));
  expect(slot.check("a")).toContain("it: read back a");
});
