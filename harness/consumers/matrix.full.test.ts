import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Consumer } from "./consumer.ts";
import { type Door, type Fault, FaultProxy } from "./faults.ts";
import { runMatrix } from "./matrix.ts";
import { asPage, spread, summaryOf, withSections } from "./report.ts";

let detector: Server;
let faults: FaultProxy;
let door: Door;

beforeEach(async () => {
  detector = createServer((_, answer) => answer.writeHead(409).end("keep"));
  await new Promise<void>((resolve) => detector.listen(0, "127.0.0.1", resolve));
  faults = new FaultProxy({ host: "127.0.0.1", port: (detector.address() as AddressInfo).port });
  door = await faults.open("one");
});
afterEach(async () => {
  await faults.stop();
  detector.close();
});

const world = (ills = "", tickLateS = 0): Parameters<typeof runMatrix>[0] => ({
  faults,
  ills: async () => ills,
  machine: { strain: async () => ({ tickLateS, ownLateMs: 10, load: 1 }) },
});

/** A consumer in our own process that asks whenever it is observed, which starts no process. */
const consumerOf = (changes: Partial<Consumer> = {}): Consumer => ({
  name: "one",
  title: "one",
  recommended: true,
  needs: { commands: {} },
  states: ["alive"],
  pollMs: 1,
  rounds: 1,
  start: () => Promise.reject(new Error("it runs already")),
  expects: () => "primary",
  isSwitch: (did) => did === "standby",
  ...changes,
});

const seatOf = (does: (status: number) => string, consumer = consumerOf()) => ({
  consumer,
  doors: [door],
  running: {
    version: "one 1.0",
    observe: async () => {
      const status = await fetch(door.url).then(
        (answer) => answer.status,
        () => 0,
      );
      return { did: does(status) };
    },
    stop: async () => undefined,
  },
});

describe("the matrix", () => {
  test("goes once round all faults and says what was done under each", async () => {
    const seen: number[] = [];
    const seat = seatOf((status) => {
      seen.push(status);
      return "primary";
    });
    const rows = await runMatrix(world(), [seat], () => undefined);
    expect(rows.map(({ fault }) => fault)).toEqual(["fine", "500", "401", "429", "slow", "gone"]);
    expect(rows.every(({ ok, violations }) => ok && violations === 0)).toBe(true);
    expect(new Set(seen)).toEqual(new Set([409, 500, 401, 429, 0]));
  });

  test("counts a switch that a fault brought about, and fails the row for it even where it was expected", async () => {
    const switching = consumerOf({ expects: (_, fault: Fault) => (fault === "500" ? "standby" : "primary") });
    const seat = seatOf((status) => (status === 500 ? "standby" : "primary"), switching);
    const rows = await runMatrix(world(), [seat], () => undefined);
    // On a busy machine the last look may happen twice.
    const wrong = rows.find(({ fault }) => fault === "500");
    expect(wrong).toMatchObject({ did: "standby", ok: false });
    expect(wrong?.violations).toBeGreaterThan(0);
    expect(summaryOf(rows, [switching])).toContain(`outage: ${wrong?.violations} on the recommended`);
    const contrast = { ...switching, recommended: false };
    const shown = await runMatrix(world(), [{ ...seat, consumer: contrast }], () => undefined);
    const counted = shown.find(({ fault }) => fault === "500");
    expect(counted?.ok).toBe(true);
    expect(counted?.violations).toBeGreaterThan(0);
    const page = asPage(
      { rows: shown, versions: new Map([["one", "one 1.0"]]), costs: [], machine: "here" },
      [contrast],
    );
    expect(page).toContain("one 1.0, **not to be copied**.");
    expect(page).toMatch(/\| alive +\| alive +\| primary \| \*\*standby\*\* \| primary/);
  });

  test.each([
    [0.1, "the machine kept up"],
    [24, "the machine was too slow: ticks up to 24.0 s late"],
  ])("says of a wrong look whether the machine kept up: ticks %d s late", async (tickLateS, said) => {
    const seat = seatOf(() => "standby");
    const rows = await runMatrix(world("", tickLateS), [seat], () => undefined, 100);
    expect(rows.length).toBeGreaterThan(0);
    for (const { detail } of rows) expect(detail).toContain(said);
  });

  test("takes a look that failed for no switch, and for nothing that was expected", async () => {
    const strict = consumerOf({ isSwitch: (did) => did !== "primary" });
    const seat = seatOf(() => "primary", strict);
    const blind = { ...seat.running, observe: () => Promise.reject(new Error("no answer")) };
    const rows = await runMatrix(world(), [{ ...seat, running: blind }], () => undefined, 500);
    expect(rows.every(({ ok, violations }) => !ok && violations === 0)).toBe(true);
    expect(
      rows.every(
        ({ did, detail }) => did === "asked nothing" || detail.startsWith("no answer; the machine "),
      ),
    ).toBe(true);
  });

  test("keeps the rows of all where one fails to show the rest of what it should, and fails for it", async () => {
    const seat = seatOf(() => "primary");
    const also = () => Promise.reject(new Error("no leader\nits log"));
    const rows = await runMatrix(world(), [{ ...seat, running: { ...seat.running, also } }], () => undefined);
    expect(rows.filter(({ ok }) => !ok)).toMatchObject([{ did: "failed", detail: "no leader" }]);
    expect(rows).toHaveLength(7);
  });

  test("ends where the world did not stay as it was: nothing could be told from it", async () => {
    const run = runMatrix(world("dead: alive"), [seatOf(() => "primary")], () => undefined);
    await expect(run).rejects.toThrow("dead: alive");
  });
});

describe("the page", () => {
  const shown = {
    verdict: "",
    fault: "fine",
    expected: "a",
    did: "b",
    ok: false,
    seconds: 2.04,
    detail: "so",
  };

  test("counts and shows what else was seen of a recommended program", () => {
    const rows = [{ ...shown, scenario: "one: pages sent", violations: 1 }];
    const stateless = consumerOf({ states: [] });
    expect(summaryOf(rows, [stateless])).toContain("outage: 1 on the recommended");
    const page = asPage({ rows, versions: new Map(), costs: [], machine: "here" }, [stateless]);
    expect(page).toContain("- pages sent (fine): b, after 2.0 s. so");
    expect(page).not.toContain("| primary |");
  });

  test("takes the sections of a later run of some into their places, and keeps what else was measured", () => {
    const [one, two, three] = ["one", "two", "three"].map((name) =>
      consumerOf({ name, title: name, states: [] }),
    ) as [Consumer, Consumer, Consumer];
    const found = (name: string, did: string) => ({
      rows: [{ ...shown, did, ok: true, violations: 0, scenario: `${name}: pages sent` }],
      versions: new Map<string, string>(),
      costs: [],
      machine: "here",
    });
    const before = asPage({ ...found("one", "old"), machine: "there" }, [one, three]);
    const after = withSections(before, found("two", "new"), [two], [one, two, three]);
    expect(after.match(/^### .*$/gm)).toEqual(["### one", "### two", "### three"]);
    expect(after).toContain("- pages sent (fine): old");
    expect(after).toContain("- pages sent (fine): new");
    expect(after).toContain("Of a later run of `two` alone: 1 of 1 as expected");
    // Again, with the sections that the page has already: no section appears twice, and none is lost.
    const again = withSections(after, found("two", "newer"), [two], [one, two, three]);
    expect(again).toBe(after.replace("): new,", "): newer,"));
    expect(again.match(/^## .*$/gm)).toEqual(before.match(/^## .*$/gm));
  });

  test("shows the median of several and how far they are spread", () => {
    expect(spread([3, 1, 2.04])).toBe("2.0 (1.0 to 3.0)");
    expect(spread([98.1])).toBe("98.1");
    expect(spread([])).toBe("");
  });
});
