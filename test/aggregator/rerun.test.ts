import fc from "fast-check";
import { expect, test } from "vitest";
import { settle } from "../schedule/hand-clock.ts";
import { Rerun } from "../../src/aggregator/rerun.ts";

const LIMIT_MS = 60_000;

test("whatever is asked for and ends when: one run at a time, and every change is seen by a run that begins after it", async () => {
  const steps = fc.array(fc.constantFrom("change", "end", "fail"), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      let version = 0;
      let under = 0;
      let most = 0;
      let runs = 0;
      const seen: number[] = [];
      const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
      const rerun = new Rerun(async () => {
        runs += 1;
        most = Math.max(most, ++under);
        seen.push(version);
        await new Promise<void>((resolve, reject) => ends.push({ resolve, reject })).finally(() => under--);
      }, LIMIT_MS);
      for (const step of script) {
        if (step === "change") {
          const changed = ++version;
          void rerun.run().then(
            () => expect(seen.at(-1)).toBeGreaterThanOrEqual(changed),
            () => undefined,
          );
        } else if (step === "end") ends.shift()?.resolve();
        else ends.shift()?.reject(new Error("on purpose"));
        await settle();
      }
      while (ends.length > 0) {
        ends.shift()?.resolve();
        await settle();
      }
      expect(most).toBeLessThanOrEqual(1);
      expect(seen).toEqual(seen.toSorted((left, right) => left - right));
      if (version > 0) expect(seen.at(-1)).toBe(version);
      expect(runs).toBeLessThanOrEqual(version);
    }),
    { numRuns: 50 },
  );
});

test("a thousand changes while one run is under way cost one more", async () => {
  let runs = 0;
  let end = (): void => undefined;
  const rerun = new Rerun(async () => {
    runs += 1;
    if (runs === 1) await new Promise<void>((resolve) => (end = resolve));
  }, LIMIT_MS);
  const asked = Array.from({ length: 1_000 }, () => rerun.run());
  end();
  await Promise.all(asked);
  expect(runs).toBe(2);
});

test("a run that never ends fails, and keeps the next from nothing", async () => {
  let runs = 0;
  const rerun = new Rerun(() => (++runs === 1 ? new Promise(() => undefined) : Promise.resolve()), 10);
  const [first, second] = await Promise.allSettled([rerun.run(), rerun.run()]);
  expect([first.status, second.status, runs]).toEqual(["rejected", "fulfilled", 2]);
});
