import { DetectorClock } from "../shared/time/detector-clock.ts";
import { Disk } from "../shared/files/disk.ts";
import { ShardWorker, type Counts } from "./shard-worker.ts";
import type { End } from "./shard-connection.ts";
import type { VantagePorts } from "./node-ports.ts";
import type { WorkOptions } from "./settings.ts";
import { keptShards, openFileStore } from "./file-store.ts";

/** `--once` could not reach the detector. */
const EXIT_UNREACHABLE = 4;
/** How long observations are still sent after a signal to stop. */
const FAREWELL_MS = 2_000;
const ALIVE_EVERY_MS = 600_000;
/** The offset to the wall clock is stored again when it has changed by at least this much. */
const OFFSET_MOVED_MS = 50;
const CLOCK_FILE = "clock.json";

/** All cells of one vantage, and the clock they share. */
export class Program {
  readonly #manner: WorkOptions;
  readonly #ports: VantagePorts;
  readonly #disk: Disk;
  readonly #clock: DetectorClock;
  readonly #cells: ShardWorker[] = [];
  #isStarted = false;
  #hasToldName = false;
  #keptOffsetMs: number | undefined;
  #cancelAlive = (): void => undefined;
  #end: End | undefined;
  #finish: (end: End) => void = () => undefined;
  /** Resolves when the program cannot go on. */
  readonly ended = new Promise<End>((resolve) => {
    this.#finish = resolve;
  });

  constructor(manner: WorkOptions, ports: VantagePorts) {
    this.#manner = manner;
    this.#ports = ports;
    this.#disk = new Disk(ports.files, ports.log);
    this.#keptOffsetMs = this.#readOffset();
    const epochMs = ports.wall() + (this.#keptOffsetMs ?? 0);
    this.#clock = new DetectorClock(ports, epochMs, (shiftMs) => this.#retime(shiftMs));
    this.#grow(keptShards(this.#disk));
  }

  /** Starts all cells, which work until `stop` or `ended`. */
  start(): void {
    this.#isStarted = true;
    this.#ports.log("info", "started", { vantage: this.#cells[0]?.vantage, shards: this.#cells.length });
    for (const cell of this.#cells) cell.start();
    this.#beAlive();
  }

  /** Sends the last observations, for at most two seconds, and ends. */
  async stop(): Promise<void> {
    this.#cancelAlive();
    await Promise.all(this.#cells.map((cell) => cell.stop(FAREWELL_MS)));
    this.#ports.log("info", "stopped", { ...this.counts() });
  }

  /** Probes each target of all shards once; `print` receives each observation. Resolves with the exit code. */
  async once(print: (seen: object) => void): Promise<number> {
    // The first greeting reveals how many shards there are, so the list grows meanwhile.
    for (let index = 0; index < this.#cells.length; index++)
      if (!(await this.#cells[index]?.greet())) return this.#end?.code ?? EXIT_UNREACHABLE;
    const seen = await Promise.all(this.#cells.map((cell) => cell.lookOnce()));
    for (const { observations, controls } of seen)
      for (const each of [...observations, ...controls]) print(each);
    await Promise.all(this.#cells.map((cell) => cell.deliver()));
    this.#ports.log("info", "looked", { ...this.counts() });
    if (this.#end !== undefined) return this.#end.code;
    return this.#cells.some((cell) => cell.hasUnsent) ? EXIT_UNREACHABLE : 0;
  }

  counts(): Counts {
    const sum: Counts = { ticks: 0, observations: 0, delivered: 0, unsent: 0, dropped: 0 };
    for (const { counts } of this.#cells)
      for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += counts[name];
    return sum;
  }

  #grow(shards: number): void {
    for (let shard = this.#cells.length; shard < shards; shard++) {
      const cell = new ShardWorker(
        shard,
        this.#manner,
        this.#ports,
        this.#clock,
        openFileStore(this.#disk, shard),
        {
          onShards: (count) => {
            this.#grow(count);
            this.#keepOffset();
          },
          onEnd: (end) => this.#endBy(end),
          onVantage: (vantage) => this.#met(vantage),
        },
      );
      this.#cells.push(cell);
      if (this.#isStarted) cell.start();
    }
  }

  /** Only the first call counts: several connections may end for the same reason. */
  #endBy(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#cancelAlive();
    for (const cell of this.#cells) cell.halt();
    this.#ports.log("error", "ended", { ...end });
    this.#finish(end);
  }

  #met(vantage: string): void {
    if (this.#hasToldName) return;
    this.#hasToldName = true;
    this.#ports.log("info", "met", { vantage });
  }

  #retime(shiftMs: number): void {
    this.#ports.log("info", "clock-set", { shiftMs: Math.round(shiftMs) });
    for (const cell of this.#cells) cell.retime(shiftMs);
  }

  #beAlive(): void {
    this.#cancelAlive = this.#ports.after(ALIVE_EVERY_MS, () => {
      this.#ports.log("info", "alive", { ...this.counts() });
      this.#beAlive();
    });
  }

  /** Stores the detector's time less the wall clock's, for a start while the detector does not answer. */
  #keepOffset(): void {
    if (!this.#clock.isLearnt) return;
    const offsetMs = this.#clock.now() - this.#ports.wall();
    if (Math.abs(offsetMs - (this.#keptOffsetMs ?? Infinity)) < OFFSET_MOVED_MS) return;
    this.#keptOffsetMs = offsetMs;
    this.#disk.write(CLOCK_FILE, JSON.stringify({ offsetMs }));
  }

  #readOffset(): number | undefined {
    try {
      const { offsetMs } = JSON.parse(this.#disk.read(CLOCK_FILE) ?? "{}") as { offsetMs?: unknown };
      return typeof offsetMs === "number" && Number.isFinite(offsetMs) ? offsetMs : undefined;
    } catch {
      return undefined;
    }
  }
}
