import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Disk, filesUnder } from "../../../../src/cli/shared/files/disk.ts";
import { takeLock } from "../../../../src/cli/shared/process/lock.ts";
import { openFileStore } from "../../../../src/cli/vantage/file-store.ts";
import { Outbox } from "../../../../src/schedule/outbox.ts";
import { MemoryFiles } from "../../memory-files.ts";
import { openScene, upTo, work } from "../../vantage/scene.ts";

const root = mkdtempSync(join(tmpdir(), "vantage-disk-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const folder = (): string => {
  folders += 1;
  return mkdtempSync(join(root, `${folders}-`));
};

const quiet = (): void => undefined;
const report = { vantage: "lab-1", version: 1, madeAt: 1, observations: [], controls: [] };

describe("the outbox on disk", () => {
  it("is as it was left, one file a slot, readable by its owner alone", () => {
    const directory = folder();
    const store = openFileStore(new Disk(filesUnder(directory), quiet), 0);
    const outbox = new Outbox(store);
    for (let n = 0; n < 300; n++) outbox.append(report, n);
    store.keepAssignment(work());
    expect(readdirSync(join(directory, "shard-0", "outbox"))).toHaveLength(256);
    const again = openFileStore(new Disk(filesUnder(directory), quiet), 0);
    expect(new Outbox(again).inherited?.row).toMatchObject({ sequence: 300, tickedAt: 299 });
    expect(again.assignment()).toEqual(work());
  });

  it.each(["", "{", "null", '{"sequence":7}', '{"sequence":9,"body":"{"}'])(
    "passes over a file that holds %j",
    (text) => {
      const directory = folder();
      const store = openFileStore(new Disk(filesUnder(directory), quiet), 0);
      new Outbox(store).append(report, 1);
      writeFileSync(join(directory, "shard-0", "outbox", "009.json"), text);
      writeFileSync(join(directory, "shard-0", "assignment.json"), text);
      const again = openFileStore(new Disk(filesUnder(directory), quiet), 0);
      expect(new Outbox(again).batch().map(({ sequence }) => sequence)).toEqual([1]);
      expect(again.assignment()).toBeUndefined();
    },
  );

  it("that takes nothing any more is made up for by memory, said once; and all goes to disk when it does again", () => {
    const files = new MemoryFiles();
    const said: string[] = [];
    const disk = new Disk(files, (_level, event) => said.push(event));
    const outbox = new Outbox(openFileStore(disk, 0));
    outbox.append(report, 1);
    files.isFull = true;
    for (let n = 2; n <= 5; n++) outbox.append(report, n);
    expect(outbox.batch().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(said).toEqual(["disk-failing"]);
    files.isFull = false;
    outbox.append(report, 6);
    expect(said).toEqual(["disk-failing", "disk-back"]);
    expect(new Outbox(openFileStore(new Disk(files, quiet), 0)).batch()).toHaveLength(6);
  });

  it("in a place where nothing can be written is memory alone, bounded as on disk", () => {
    const file = join(folder(), "a-file");
    writeFileSync(file, "");
    const outbox = new Outbox(openFileStore(new Disk(filesUnder(join(file, "below")), quiet), 0));
    for (let n = 1; n <= 300; n++) outbox.append(report, n);
    expect(outbox.unsent).toBe(256);
    expect(outbox.batch()[0]?.sequence).toBe(45);
  });
});

describe("a vantage whose disk is full", () => {
  it("looks on, reports all it sees, and says so once", async () => {
    const { clock, detector, files, start, events } = openScene();
    files.isFull = true;
    start();
    await clock.turn(60_000);
    detector.mood = "down";
    await clock.turn(120_000);
    detector.mood = "well";
    await clock.turn(60_000);
    expect(detector.sequences()).toEqual(upTo(detector.sequences().length));
    expect(detector.sequences().length).toBeGreaterThan(20);
    expect(events("disk-failing")).toHaveLength(1);
    expect(events("fault")).toEqual([]);
    expect(files.texts.size).toBe(0);
  });
});

describe("the lock of a state directory", () => {
  /** A process that does nothing. */
  const bystander = async (): Promise<{ pid: number; end: () => Promise<void> }> => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
    await once(child, "spawn");
    const end = async (): Promise<void> => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    return { pid: child.pid ?? 0, end };
  };
  it("is refused while the process that holds it lives, and taken over once it is gone", async () => {
    const directory = folder();
    const { pid, end } = await bystander();
    writeFileSync(join(directory, "lock"), JSON.stringify({ pid, startTicks: null }));
    expect(takeLock(directory)).toEqual({ heldBy: pid });
    await end();
    const lock = takeLock(directory);
    expect(lock).toHaveProperty("release");
    expect(readdirSync(directory)).toEqual(["lock"]);
    if ("release" in lock) lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("of a process whose id another has by now is taken over", async () => {
    const directory = folder();
    const { pid, end } = await bystander();
    writeFileSync(join(directory, "lock"), JSON.stringify({ pid, startTicks: 1 }));
    // Only Linux shows when a process was started. Elsewhere a lock can only be judged by the process id.
    const expected = existsSync("/proc/self/stat") ? "release" : "heldBy";
    expect(takeLock(directory)).toHaveProperty(expected);
    await end();
  });

  it.each(["", "{", "null", '{"pid":"x"}'])("that holds %j is taken over", (text) => {
    const directory = folder();
    writeFileSync(join(directory, "lock"), text);
    expect(takeLock(directory)).toHaveProperty("release");
  });

  it.each(["/no/such", "/dev/zero"])("throws where the name of the lock is a link to %s", (to) => {
    const directory = folder();
    symlinkSync(to, join(directory, "lock"));
    expect(() => takeLock(directory)).toThrow(to === "/no/such" ? "ENOENT" : "is no regular file");
  });
});
