import { describe, expect, it } from "vitest";
import { START } from "../../schedule/rounds-scene.ts";
import { type Mood, openScene } from "./scene.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEPT = "fra.web-1.notice.json";

describe("while the detector is away, an agent", () => {
  it.each<Mood>(["down", "hanging", 500, 429, 404])(
    "of a service that runs on loses nothing in ten minutes (%s): heartbeats keep their pace and none is made up for",
    async (mood) => {
      const { clock, detector, start, notices, beats, heard, events, mostCalls } = openScene();
      start().begin("a");
      await clock.turn(5_000);
      detector.mood = mood;
      await clock.turn(10 * MINUTE);
      detector.mood = "well";
      await clock.turn(MINUTE);
      expect(notices()).toEqual(["start a"]);
      expect(beats()).toEqual(beats().map((_, n) => START + n * 10_000));
      expect(beats().length).toBe(67);
      expect(heard().filter(({ kind }) => kind === "heartbeat")).toHaveLength(7);
      expect(mostCalls()).toBe(1);
      expect(events("detector-unreachable")).toHaveLength(1);
      expect(events("detector-back")).toHaveLength(1);
      expect(events("fault")).toEqual([]);
    },
  );

  it.each<Mood>(["down", "hanging", 500, 404])(
    "whose service crashes and comes back in ten minutes (%s) tells both afterwards, in order and when they were",
    async (mood) => {
      const { clock, detector, files, start, notices, words, heard } = openScene();
      const reporter = start();
      reporter.begin("a");
      await clock.turn(15_000);
      detector.mood = mood;
      await clock.turn(MINUTE);
      const crashedAt = clock.now();
      reporter.ended("a")("crash", true);
      await clock.turn(2_000);
      expect(files.texts.has(KEPT)).toBe(true);
      reporter.begin("b");
      await clock.turn(9 * MINUTE);
      const tries = words.filter(({ kind }) => kind === "crash").length;
      expect(tries).toBeGreaterThan(50);
      // Pauses have grown to half of 5 s, since the scripted random number is 0.5.
      expect(tries).toBeLessThan(240);
      detector.mood = "well";
      await clock.turn(10_000);
      expect(notices()).toEqual(["start a", "crash a", "start b"]);
      const [, crash, again] = heard().filter(({ kind }) => kind !== "heartbeat");
      expect(Math.abs((crash?.saidAt ?? 0) - crashedAt)).toBeLessThanOrEqual(1);
      expect(Math.abs((again?.saidAt ?? 0) - crashedAt - 2_000)).toBeLessThanOrEqual(1);
      expect(files.texts.size).toBe(0);
    },
  );

  it("that ends is held up for five seconds at most, and says what it could not deliver", async () => {
    for (const mood of ["down", "hanging"] as const) {
      const { clock, detector, start, events } = openScene();
      const reporter = start();
      reporter.begin("a");
      await clock.turn(5_000);
      detector.mood = mood;
      reporter.ended("a")("crash", false);
      const from = clock.now();
      await clock.finish(reporter.close());
      expect(clock.now() - from).toBe(5_000);
      expect(events("notice-not-delivered")).toHaveLength(1);
    }
  });

  it("that is killed has the end of a boot told at the next start, before the new boot", async () => {
    const { clock, detector, start, kill, notices, heard } = openScene();
    const first = start();
    first.begin("a");
    await clock.turn(5_000);
    detector.mood = "down";
    const crashedAt = clock.now();
    first.ended("a")("crash", true);
    await clock.turn(MINUTE);
    kill();
    await clock.turn(10 * MINUTE);
    start().begin("b");
    await clock.turn(MINUTE);
    detector.mood = "well";
    await clock.turn(MINUTE);
    expect(notices()).toEqual(["start a", "crash a", "start b"]);
    const saidAt = heard().find(({ kind }) => kind === "crash")?.saidAt ?? 0;
    expect(Math.abs(saidAt - crashedAt)).toBeLessThanOrEqual(1);
  });

  it("never tells what is older than a day", async () => {
    const { clock, detector, files, start, kill, words, events } = openScene();
    detector.mood = "down";
    start().ended("a")("crash", false);
    await clock.turn(1_000);
    kill();
    await clock.turn(DAY);
    words.length = 0;
    detector.mood = "well";
    start().begin("b");
    await clock.turn(MINUTE);
    expect(words.map(({ bootId }) => bootId)).not.toContain("a");
    expect(events("notice-dropped")).toHaveLength(1);
    expect(files.texts.size).toBe(0);
  });

  it.each([
    "",
    "{",
    "null",
    '{"kind":"crash"}',
    '{"kind":"start","bootId":"a","at":"2026-09-21T14:00:00.000Z"}',
  ])("passes over a kept notice that reads %j", async (text) => {
    const { clock, files, start, notices } = openScene();
    files.texts.set(KEPT, text);
    start().begin("b");
    await clock.turn(1_000);
    expect(notices()).toEqual(["start b"]);
  });
});

describe("an agent whose disk is full", () => {
  it("tells the end of a boot all the same, late too, and complains once", async () => {
    const { clock, detector, files, start, notices, events } = openScene();
    files.isFull = true;
    const reporter = start();
    for (const bootId of ["a", "b"]) {
      reporter.begin(bootId);
      await clock.turn(MINUTE);
      detector.mood = "down";
      reporter.ended(bootId)("crash", true);
      await clock.turn(10 * MINUTE);
      detector.mood = "well";
      await clock.turn(10_000);
    }
    expect(notices()).toEqual(["start a", "crash a", "start b", "crash b"]);
    expect(events("disk-failing")).toHaveLength(1);
    expect(events("fault")).toEqual([]);
    expect(files.texts.size).toBe(0);
  });

  it("keeps what is still undelivered once there is room again", async () => {
    const { clock, detector, files, start, kill, notices, events } = openScene();
    const reporter = start();
    reporter.begin("a");
    await clock.turn(5_000);
    detector.mood = "down";
    files.isFull = true;
    reporter.ended("a")("crash", false);
    await clock.turn(5 * MINUTE);
    expect(files.texts.size).toBe(0);
    files.isFull = false;
    await clock.turn(10_000);
    expect(events("disk-back")).toHaveLength(1);
    kill();
    detector.mood = "well";
    start().begin("b");
    await clock.turn(10_000);
    expect(notices()).toEqual(["start a", "crash a", "start b"]);
  });
});

describe("an agent on a machine whose wall clock", () => {
  it.each([HOUR, -HOUR, 40 * 365 * DAY])(
    "is wrong by %i ms tells the time by the detector's, but for its first word",
    async (errorMs) => {
      const { clock, wall, start, heard } = openScene();
      wall.errorMs = errorMs;
      const reporter = start();
      reporter.begin("a");
      await clock.turn(5_000);
      reporter.ended("a")("crash", false);
      await clock.turn(5_000);
      const [first, last] = heard().filter(({ kind }) => kind !== "heartbeat");
      expect(first?.saidAt).toBe(START + errorMs);
      expect(last?.saidAt).toBe(START + 5_000);
    },
  );

  it.each([HOUR, -HOUR])("is set by %i ms in the middle notices nothing", async (errorMs) => {
    const { clock, wall, detector, start, beats, heard, notices } = openScene();
    const reporter = start();
    reporter.begin("a");
    await clock.turn(25_000);
    wall.errorMs = errorMs;
    await clock.turn(MINUTE);
    expect(beats()).toEqual(beats().map((_, n) => START + n * 10_000));
    expect(beats()).toHaveLength(9);
    detector.mood = "down";
    reporter.ended("a")("crash", false);
    await clock.turn(MINUTE);
    detector.mood = "well";
    await clock.turn(10_000);
    expect(notices()).toEqual(["start a", "crash a"]);
    expect(heard().at(-1)?.saidAt).toBe(START + 85_000);
  });

  it.each([HOUR, -HOUR])(
    "was set by %i ms while it did not run still tells what was kept, as it was",
    async (errorMs) => {
      const { clock, wall, detector, start, kill, heard, notices } = openScene();
      const first = start();
      first.begin("a");
      await clock.turn(5_000);
      detector.mood = "down";
      first.ended("a")("crash", false);
      await clock.turn(MINUTE);
      kill();
      wall.errorMs = errorMs;
      detector.mood = "well";
      start().begin("b");
      await clock.turn(10_000);
      expect(notices()).toEqual(["start a", "crash a", "start b"]);
      expect(heard().find(({ kind }) => kind === "crash")?.saidAt).toBe(START + 5_000);
    },
  );
});

describe("an agent whose token", () => {
  it.each([401, 403])("is answered %i in the middle says so once and sends nothing more", async (status) => {
    const { clock, detector, words, start, events } = openScene();
    const reporter = start();
    reporter.begin("a");
    await clock.turn(25_000);
    detector.mood = status;
    await clock.turn(10_000);
    await reporter.denied;
    const sent = words.length;
    await clock.turn(10 * MINUTE);
    reporter.ended("a")("crash", false);
    const from = clock.now();
    await clock.finish(reporter.close());
    expect(clock.now() - from).toBeLessThan(1_000);
    expect(words).toHaveLength(sent);
    expect(events("token-refused")).toMatchObject([
      { details: { status, reason: expect.stringContaining("token") } },
    ]);
  });
});

describe("an agent that is heard", () => {
  it("ends the heartbeats with the boot: the next one alone has any", async () => {
    const { clock, words, start } = openScene();
    const reporter = start();
    reporter.begin("a");
    await clock.turn(25_000);
    const before = words.length;
    reporter.ended("a")("crash", true);
    reporter.begin("b");
    await clock.turn(MINUTE);
    const after = words.slice(before).map(({ kind, bootId }) => `${kind} ${bootId}`);
    expect(after.slice(0, 3)).toEqual(["crash a", "start b", "heartbeat b"]);
    expect(after.slice(1).filter((word) => word.endsWith(" a"))).toEqual([]);
  });

  it("and told that its words do not count logs why, once while the reason stays", async () => {
    const { clock, detector, start, events } = openScene();
    detector.reply = { accepted: false, detail: "a newer boot is known" };
    start().begin("a");
    await clock.turn(5 * MINUTE);
    expect(events("not-accepted").map(({ details }) => details)).toEqual([
      { word: "start", detail: "a newer boot is known" },
      { word: "heartbeat", detail: "a newer boot is known" },
    ]);
  });

  it.each([400, 413, 422])(
    "but never understood (%i) does not send the same notice again",
    async (status) => {
      const { clock, detector, words, start, events } = openScene();
      detector.mood = status;
      start().begin("a");
      await clock.turn(MINUTE);
      expect(words.filter(({ kind }) => kind === "start")).toHaveLength(1);
      expect(events("not-understood")[0]?.details).toMatchObject({ word: "start", status });
    },
  );
});
