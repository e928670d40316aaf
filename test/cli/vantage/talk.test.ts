import { describe, expect, it } from "vitest";
import { assignedTarget } from "../../schedule/assigned.ts";
import { START } from "../../schedule/rounds-scene.ts";
import { DEAD } from "../../schedule/scripted-network.ts";
import { openScene, TARGET, upTo, work } from "./scene.ts";

const MINUTE = 60_000;
const slow = { ...TARGET, intervalMs: 600_000 };

describe("a vantage that listens", () => {
  it("works by a new assignment within the second it takes the detector to tell", async () => {
    const { clock, network, detector, start } = openScene();
    detector.assignments.set(0, work({ targets: [slow] }));
    start();
    await clock.turn(MINUTE);
    detector.assignments.set(0, work({ version: 2, targets: [slow, assignedTarget("db-2")] }));
    await clock.turn(1_100);
    expect(network.startsOf("http://db-2.fra.example/")).toHaveLength(1);
  });

  it("looks at what is wanted at once, and reports it", async () => {
    const { clock, network, detector, start } = openScene();
    detector.assignments.set(0, work({ targets: [slow] }));
    start();
    await clock.turn(MINUTE);
    network.setAll(DEAD);
    const [reports, now] = [detector.sequences().length, clock.now()];
    detector.wanted = [{ site: "fra", target: "db-1", subject: "target" }];
    await clock.turn(3_500);
    expect((network.startsOf(slow.url).at(-1) ?? 0) - now).toBeLessThanOrEqual(1_100);
    expect(detector.sequences().length).toBeGreaterThan(reports);
  });

  it("takes what is wanted from the reply to a report as well", async () => {
    const { clock, network, detector, start } = openScene({ listenMs: 0 });
    detector.assignments.set(0, work({ targets: [TARGET, { ...slow, target: "db-2", url: "http://two/" }] }));
    start();
    await clock.turn(15_000);
    const before = network.startsOf("http://two/").length;
    detector.wanted = [{ site: "fra", target: "db-2", subject: "target" }];
    await clock.turn(10_000);
    expect(network.startsOf("http://two/").length).toBe(before + 1);
  });

  it("makes no more than one call a second of a detector that answers at once, and one in 25 s of one that holds", async () => {
    const { clock, detector, start } = openScene();
    detector.assignments.set(0, work({ targets: [] }));
    start();
    await clock.turn(5 * MINUTE);
    expect(detector.calls.length).toBeLessThan(16);
    detector.isHasty = true;
    await clock.turn(30_000);
    const before = detector.calls.length;
    await clock.turn(MINUTE);
    expect(detector.calls.length - before).toBeLessThanOrEqual(61);
  });

  it("asks every 30 s where it is not to listen, so that it hears of its first target", async () => {
    const { clock, network, detector, start } = openScene({ listenMs: 0 });
    detector.assignments.set(0, work({ targets: [] }));
    start();
    await clock.turn(2 * MINUTE);
    expect(detector.calls.length).toBeLessThanOrEqual(5);
    expect(detector.calls.every(({ waitMs }) => waitMs === 0)).toBe(true);
    detector.assignments.set(0, work({ version: 2 }));
    await clock.turn(31_000);
    expect(network.started.length).toBeGreaterThan(0);
  });
});

describe("a vantage whose token", () => {
  it.each([401, 403] as const)("is answered %i looks no more and ends with code 3", async (status) => {
    const { clock, network, detector, start, events } = openScene();
    const program = start();
    await clock.turn(15_000);
    detector.mood = status;
    await clock.turn(30_000);
    expect(await program.ended).toMatchObject({ code: 3, reason: expect.stringContaining("token") });
    const [looks, calls] = [network.started.length, detector.calls.length];
    await clock.turn(5 * MINUTE);
    expect([network.started.length, detector.calls.length]).toEqual([looks, calls]);
    expect(events("ended")).toHaveLength(1);
  });

  it("is another vantage's than the state directory ends with code 2 and spoils nothing", async () => {
    const { clock, detector, files, start, kill } = openScene();
    start();
    await clock.turn(15_000);
    kill();
    const kept = files.texts.get("shard-0/assignment.json");
    detector.assignments.set(0, work({ version: 9, vantage: "lab-2" }));
    const program = start();
    await clock.turn(5_000);
    expect(await program.ended).toMatchObject({ code: 2, reason: expect.stringContaining("--state") });
    expect(files.texts.get("shard-0/assignment.json")).toBe(kept);
  });
});

describe("a report that the detector refuses", () => {
  it("is dropped and counted, and those around it are delivered", async () => {
    const { clock, detector, start, events } = openScene();
    start();
    await clock.turn(15_000);
    detector.mood = "down";
    detector.unacceptable.add(9);
    await clock.turn(3 * MINUTE);
    detector.mood = "well";
    await clock.turn(MINUTE);
    const sequences = detector.sequences();
    expect(sequences).toEqual(upTo(sequences.at(-1) ?? 0).filter((sequence) => sequence !== 9));
    expect(sequences.length).toBeGreaterThan(20);
    expect(detector.reports().at(-1)?.dropped).toBe(1);
    expect(events("report-refused")).toEqual([
      expect.objectContaining({
        details: expect.objectContaining({ sequence: 9, detail: expect.stringContaining("too odd") }),
      }),
    ]);
  });

  it("like all others does not make it call without a pause", async () => {
    const { clock, detector, start } = openScene();
    start();
    await clock.turn(15_000);
    for (const sequence of upTo(500)) detector.unacceptable.add(sequence);
    const before = detector.calls.length;
    await clock.turn(5 * MINUTE);
    expect(detector.calls.length - before).toBeLessThan(80);
  });
});

describe("a vantage of several shards", () => {
  it("has a cell for each, with a numbering, an assignment and a listener of its own", async () => {
    const { clock, network, detector, start, kill } = openScene();
    detector.shards = 2;
    detector.assignments.set(
      1,
      work({ version: 7, shard: 1, targets: [{ ...TARGET, site: "par", url: "http://par/" }] }),
    );
    start();
    await clock.turn(MINUTE);
    for (const shard of [0, 1])
      expect(detector.sequences(shard)).toEqual(upTo(detector.sequences(shard).length));
    expect(detector.reports(1).at(-1)).toMatchObject({ version: 7 });
    expect(
      detector.reports(1).flatMap(({ observations }) => observations.map(({ site }) => site)),
    ).not.toContain("fra");
    // A vantage that restarts while it cannot learn the number of shards goes on with all the shards it knew.
    kill();
    detector.mood = "down";
    start();
    const before = network.startsOf("http://par/").length;
    await clock.turn(MINUTE);
    expect(network.startsOf("http://par/").length - before).toBeGreaterThan(4);
  });
});

describe("the word to stop", () => {
  it("ends looking, and what was seen is sent before", async () => {
    const { clock, network, detector, start } = openScene();
    const program = start();
    await clock.turn(15_000);
    detector.mood = "down";
    await clock.turn(20_000);
    detector.mood = "well";
    const unsent = program.counts().unsent;
    expect(unsent).toBeGreaterThan(0);
    await clock.finish(program.stop());
    expect(program.counts().unsent).toBe(0);
    const looks = network.started.length;
    await clock.turn(5 * MINUTE);
    expect(network.started).toHaveLength(looks);
  });

  it("takes two seconds at most where nobody answers", async () => {
    const { clock, detector, start } = openScene();
    const program = start();
    await clock.turn(15_000);
    detector.mood = "hanging";
    await clock.turn(20_000);
    const from = clock.now();
    await clock.finish(program.stop());
    expect(clock.now() - from).toBeLessThanOrEqual(2_000);
  });
});

describe("looking once", () => {
  it("looks at everything, though it was looked at just now, prints each observation and reports it", async () => {
    const { clock, detector, start, kill, open } = openScene({ once: true });
    const targets = [{ ...TARGET, witness: "tcp://db-1.fra.example:22" }, assignedTarget("db-2")];
    detector.assignments.set(0, work({ targets, controls: ["http://control.example/"] }));
    start();
    await clock.turn(15_000);
    kill();
    const printed: object[] = [];
    const known = detector.sequences().length;
    expect(await clock.finish(open().once((seen) => printed.push(seen)))).toBe(0);
    expect(printed).toHaveLength(4);
    expect(printed).toContainEqual(
      expect.objectContaining({ target: "db-1", subject: "witness", outcome: "ok" }),
    );
    expect(detector.sequences().length).toBe(known + 1);
    expect(detector.reports().at(-1)?.observations).toHaveLength(3);
    expect(detector.reports().at(-1)?.madeAt).toBeGreaterThan(START + 15_000);
  });

  it("waits for what is silent", async () => {
    const { clock, network, open } = openScene({ once: true });
    network.setAll(DEAD);
    const printed: object[] = [];
    await clock.finish(open().once((seen) => printed.push(seen)));
    expect(printed).toEqual([expect.objectContaining({ outcome: "connect_timeout" })]);
  });

  it.each([
    ["down", 4],
    [500, 4],
    [401, 3],
  ] as const)("of a detector that is %s ends with code %i", async (mood, code) => {
    const { clock, detector, open } = openScene({ once: true });
    detector.mood = mood;
    expect(await clock.finish(open().once(() => undefined))).toBe(code);
  });
});
