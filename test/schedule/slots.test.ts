import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claim, FIRST, Slots, type Ticket } from "../../src/schedule/slots.ts";
import { runs } from "../runs.ts";

describe("slots", () => {
  it("go to the lowest order first, and among equals to whoever came first", async () => {
    const slots = new Slots(1);
    const served: string[] = [];
    const wait = async (name: string, order: number): Promise<void> => {
      const [ticket] = slots.request([{ order }]);
      if ((await ticket?.granted) === true) served.push(name);
      ticket?.release();
    };
    await Promise.all([wait("holder", 9), wait("late", 5), wait("early", 1), wait("also early", 1)]);
    expect(served).toEqual(["holder", "early", "also early", "late"]);
  });

  it("are not granted to whoever has withdrawn, and withdrawing a granted one changes nothing", async () => {
    const slots = new Slots(1);
    const [held, tired, patient] = slots.request([{ order: 0 }, { order: 1 }, { order: 2 }]) as [
      Ticket,
      Ticket,
      Ticket,
    ];
    expect(await held.granted).toBe(true);
    held.withdraw();
    tired.withdraw();
    expect(await tired.granted).toBe(false);
    held.release();
    expect(await patient.granted).toBe(true);
  });

  it("come back from a task that throws", async () => {
    const slots = new Slots(1);
    await expect(slots.hold(0, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await slots.hold(0, () => Promise.resolve("next"))).toBe("next");
  });

  const claimOf = (site: string, isDoubtful = false): Claim => ({ site, isDoubtful: () => isDoubtful });
  /** Slots, and the names that have got a slot so far, in that order. */
  const stage = (count: number) => {
    const slots = new Slots(count);
    const served: string[] = [];
    const ask = (name: string, order: number, claim: Claim) => {
      const [ticket] = slots.request([{ order, claim }]) as [Ticket];
      void ticket.granted.then(() => served.push(name));
      return ticket;
    };
    return { slots, served, ask };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("go to the site that holds the fewest, however long another's line is", async () => {
    const { served, ask } = stage(2);
    const first = [1, 2, 3, 4].map((n) => ask(`fra-${n}`, 1, claimOf("fra")));
    ask("ams-1", 9, claimOf("ams"));
    ask("ams-2", 9, claimOf("ams"));
    first[0]?.release();
    await settled();
    expect(served).toEqual(["fra-1", "fra-2", "ams-1"]);
    first[1]?.release();
    await settled();
    expect(served.at(-1)).toBe("fra-3");
  });

  it("are kept free of what may keep silent, but for four of five, and given to it once it is no longer in doubt", async () => {
    const { slots, served, ask } = stage(5);
    let isDoubtful = true;
    for (let n = 1; n <= 7; n++) ask(`fra-${n}`, FIRST, { site: "fra", isDoubtful: () => isDoubtful });
    await settled();
    expect(served).toHaveLength(4);
    const living = ask("ams-1", 9, claimOf("ams"));
    await settled();
    expect(served.at(-1)).toBe("ams-1");
    living.release();
    await settled();
    expect(served).toHaveLength(5);
    isDoubtful = false;
    slots.serve();
    await settled();
    expect(served.at(-1)).toBe("fra-5");
  });

  it("let one that may keep silent have the only one there is", async () => {
    const { served, ask } = stage(1);
    ask("fra-1", 1, claimOf("fra", true));
    await settled();
    expect(served).toEqual(["fra-1"]);
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
