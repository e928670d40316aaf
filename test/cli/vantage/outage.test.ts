import { describe, expect, it } from "vitest";
import { START } from "../../schedule/rounds-scene.ts";
import { openScene, upTo, work } from "./scene.ts";
import type { Mood } from "./fake-exchange.ts";

const MINUTE = 60_000;

describe("while the detector is away, a vantage", () => {
  it.each<Mood>(["down", 500, 429, "hanging"])(
    "goes on looking for ten minutes (%s), and then delivers all it saw, once and in order",
    async (mood) => {
      const { clock, detector, start, begins } = openScene();
      start();
      await clock.turn(15_000);
      const before = detector.sequences().length;
      detector.mood = mood;
      const callsBefore = detector.calls.length;
      await clock.turn(10 * MINUTE);
      const calls = detector.calls.length - callsBefore;
      expect(detector.sequences()).toHaveLength(before);
      detector.mood = "well";
      await clock.turn(MINUTE);
      const sequences = detector.sequences();
      expect(sequences).toEqual(upTo(sequences.length));
      // The vantage looked every 10 s throughout, and each look is dated by when it began.
      expect(begins()).toEqual(upTo(begins().length, 0).map((n) => START + n * 10_000));
      expect(begins().length).toBeGreaterThanOrEqual(67);
      // There are two kinds of calls, each at most every 15 s on average once the pauses have grown.
      expect(calls).toBeLessThan(2 * 60);
    },
  );

  it("says so once and not at every try, and says when it is back", async () => {
    const { clock, detector, start, events } = openScene();
    start();
    await clock.turn(5_000);
    detector.mood = "down";
    await clock.turn(5 * MINUTE);
    expect(events("delivery-failing").length).toBeLessThanOrEqual(2);
    expect(events("detector-unreachable").length).toBeLessThanOrEqual(2);
    detector.mood = "well";
    await clock.turn(MINUTE);
    expect(events("detector-back")).toHaveLength(1);
  });

  it("takes reports for delivered only when told so: a lost reply makes it send again under the same number", async () => {
    const { clock, detector, start } = openScene();
    start();
    await clock.turn(5_000);
    detector.mood = "reply lost";
    await clock.turn(30_000);
    detector.mood = "well";
    await clock.turn(MINUTE);
    expect(detector.sequences()).toEqual(upTo(detector.sequences().length));
    for (const instants of detector.madeAt.values()) expect(instants.size).toBe(1);
    const sent = detector.calls.flatMap(({ sequences }) => sequences);
    expect(sent.length).toBeGreaterThan(new Set(sent).size);
  });

  it("starts from what it kept: it looks by the last assignment, and reports later", async () => {
    const { clock, network, detector, start, kill, begins } = openScene();
    start();
    await clock.turn(25_000);
    kill();
    detector.mood = "down";
    start();
    await clock.turn(5 * MINUTE);
    expect(network.started.length).toBeGreaterThan(30);
    detector.mood = "well";
    await clock.turn(MINUTE);
    expect(detector.sequences()).toEqual(upTo(detector.sequences().length));
    expect(begins()).toEqual(upTo(begins().length, 0).map((n) => START + n * 10_000));
  });

  it("without an assignment from before, waits for the first", async () => {
    const { clock, network, detector, start } = openScene();
    detector.mood = "down";
    start();
    await clock.turn(2 * MINUTE);
    expect(network.started).toEqual([]);
    detector.mood = "well";
    await clock.turn(MINUTE);
    expect(detector.sequences().length).toBeGreaterThan(2);
  });

  it("counts the calls it takes: pauses double up to the longest and begin anew after an answer", async () => {
    const { clock, detector, start } = openScene({ listenMs: 25_000 });
    detector.mood = "down";
    start();
    await clock.turn(2 * MINUTE);
    const at = detector.calls.map((call) => call.at);
    const gaps = at.slice(1).map((time, n) => Math.round(time - (at[n] ?? 0)));
    // Each pause is half of its longest value, since the scripted random number is 0.5.
    expect(gaps.slice(0, 8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });
});

describe("a vantage that is killed", () => {
  // The moments lie in different parts of a tick: while probing, after the row, in the call, after the reply.
  const moments = [0, 5, 19, 20, 21, 500, 1_049, 1_050, 1_051, 3_000, 9_990];
  it("at any moment uses no number twice, and loses nothing that it kept", async () => {
    const { clock, detector, start, kill } = openScene();
    for (let death = 0; death < 22; death++) {
      detector.mood = (["well", "reply lost", "hanging", "down"] as const)[death % 4] ?? "well";
      start();
      await clock.turn(10_000 + (moments[death % moments.length] ?? 0));
      kill();
    }
    detector.mood = "well";
    start();
    await clock.turn(2 * MINUTE);
    const sequences = detector.sequences();
    expect(sequences).toEqual(upTo(sequences.length));
    expect(sequences.length).toBeGreaterThan(20);
    for (const instants of detector.madeAt.values()) expect(instants.size).toBe(1);
  });

  it("between tick and delivery delivers after its restart", async () => {
    const { clock, detector, files, start, kill } = openScene();
    start();
    await clock.turn(5_000);
    detector.mood = "hanging";
    await clock.turn(10_000);
    kill();
    expect(files.list("shard-0/outbox").length).toBeGreaterThan(1);
    detector.mood = "well";
    start();
    await clock.turn(2_000);
    expect(detector.sequences()).toEqual([1, 2]);
  });
});

describe("the numbering", () => {
  it("goes on after what the detector knows where the disk kept nothing of it, and what was seen meanwhile is not lost", async () => {
    const { clock, detector, files, start, kill, begins } = openScene();
    start();
    await clock.turn(5_000);
    files.isFull = true;
    await clock.turn(50_000);
    kill();
    files.isFull = false;
    const known = detector.sequences().length;
    detector.mood = "down";
    start();
    await clock.turn(30_000);
    detector.mood = "well";
    await clock.turn(MINUTE);
    expect(known).toBeGreaterThan(4);
    expect(detector.sequences()).toEqual(upTo(detector.sequences().length));
    // There is one more look: the disk did not know of the last tick either, so the restarted vantage looked at once.
    expect(begins()).toEqual(
      expect.arrayContaining(upTo(begins().length - 1, 0).map((n) => START + n * 10_000)),
    );
  });

  it("and the assignment are the detector's again after it was set up anew, with versions from the start", async () => {
    const { clock, network, detector, start } = openScene();
    detector.assignments.set(0, work({ version: 40 }));
    start();
    await clock.turn(5_000);
    detector.mood = "down";
    await clock.turn(MINUTE);
    detector.forget();
    detector.assignments.set(0, work({ version: 2, controls: ["http://control.example/"] }));
    detector.mood = "well";
    await clock.turn(MINUTE);
    expect(network.startsOf("http://control.example/").length).toBeGreaterThan(1);
    expect(detector.reports().at(-1)?.version).toBe(2);
  });
});
