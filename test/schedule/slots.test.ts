import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Slots } from "../../src/schedule/slots.ts";
import { runs } from "../runs.ts";

describe("slots", () => {
  it("go to the lowest order first, and among equals to whoever came first", async () => {
    const slots = new Slots(1);
    const served: string[] = [];
    const wait = async (name: string, order: number): Promise<void> => {
      if (await slots.request(order).granted) served.push(name);
      slots.release();
    };
    await Promise.all([wait("holder", 9), wait("late", 5), wait("early", 1), wait("also early", 1)]);
    expect(served).toEqual(["holder", "early", "also early", "late"]);
  });

  it("are not granted to whoever has withdrawn, and withdrawing a granted one changes nothing", async () => {
    const slots = new Slots(1);
    const [held, tired, patient] = [slots.request(0), slots.request(1), slots.request(2)];
    expect(await held.granted).toBe(true);
    held.withdraw();
    tired.withdraw();
    expect(await tired.granted).toBe(false);
    slots.release();
    expect(await patient.granted).toBe(true);
  });

  it("come back from a task that throws", async () => {
    const slots = new Slots(1);
    await expect(slots.hold(0, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await slots.hold(0, () => Promise.resolve("next"))).toBe("next");
  });

  it("are never held by more than their number, and serve everybody, in whatever order they come back", async () => {
    const scenario = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(scenario, fc.scheduler(), async ([count, orders], scheduler) => {
        const slots = new Slots(count);
        let [held, served] = [0, 0];
        const all = orders.map((order) =>
          slots.hold(order, async () => {
            held += 1;
            expect(held).toBeLessThanOrEqual(count);
            await scheduler.schedule(Promise.resolve());
            held -= 1;
            served += 1;
          }),
        );
        await scheduler.waitFor(Promise.all(all));
        expect(served).toBe(orders.length);
      }),
      { numRuns: runs(50) },
    );
  });
});
