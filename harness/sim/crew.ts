/** Worlds are independent of each other, so seeds are shared out over threads and their tallies added up in order. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Finding, FindingTask } from "./adversary/finding.ts";
import type { Hunted, HuntTask } from "./adversary/hunt.ts";
import type { Errand, Task } from "./crew-member.ts";
import { type KindTally, type KindTask, mergeKinds } from "./kinds/play-kind.ts";
import { mergeWatches, type Watch } from "./months/tally.ts";
import type { WatchTask } from "./months/watch.ts";
import { mergeTallies, type Tally } from "./tally.ts";

/** Seeds one thread takes at a time: few enough that none waits long for the others at the end. */
const CHUNK = 10;

interface Waiting {
  errand: Errand;
  resolve: (outcome: unknown) => void;
  reject: (cause: unknown) => void;
}

/** A crew plays a scenario's seeds, and watches worlds in which nothing is wrong. */
export interface Player {
  play(task: Task): Promise<Tally[]>;
  watch(tasks: readonly WatchTask[]): Promise<Watch>;
  playKind(task: KindTask): Promise<KindTally>;
}

/** The seeds of a task, so many at a time. */
export const chunksOf = <T extends { first: number; count: number }>(task: T, size: number): T[] =>
  Array.from({ length: Math.ceil(task.count / size) }, (_, index) => {
    const first = task.first + index * size;
    return { ...task, first, count: Math.min(size, task.first + task.count - first) };
  });

export class Crew implements Player {
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #waiting: Waiting[] = [];

  constructor(size = availableParallelism()) {
    for (let rank = 0; rank < size; rank++) {
      const worker = new Worker(new URL("crew-member.ts", import.meta.url));
      this.#all.push(worker);
      this.#idle.push(worker);
    }
  }

  /** The tallies of a scenario's seeds, one for each detector, as one thread would have made them. */
  async play(task: Task): Promise<Tally[]> {
    const parts = (await Promise.all(
      chunksOf(task, CHUNK).map((chunk) => this.#do({ play: chunk })),
    )) as Tally[][];
    return task.detectors.map((_, index) => mergeTallies(parts.map((part) => part[index] as Tally)));
  }

  /** Which of a kind's runs are right. */
  async playKind(task: KindTask): Promise<KindTally> {
    const parts = await Promise.all(chunksOf(task, CHUNK).map((chunk) => this.#do({ kind: chunk })));
    return mergeKinds(parts as KindTally[]);
  }

  /** What came of watching several worlds, as one. */
  async watch(tasks: readonly WatchTask[]): Promise<Watch> {
    const watches = await Promise.all(tasks.map((task) => this.#do({ watch: task })));
    return mergeWatches(watches as Watch[]);
  }

  /** What worlds of the adversary break. */
  async hunt(task: HuntTask): Promise<Hunted> {
    return (await this.#do({ hunt: task })) as Hunted;
  }

  /** One of those breaches made short; null where there is none. */
  async find(task: FindingTask): Promise<Finding | null> {
    return (await this.#do({ find: task })) as Finding | null;
  }

  get size(): number {
    return this.#all.length;
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #do(errand: Errand): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ errand, resolve, reject });
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#idle.length > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#give(this.#idle.pop() as Worker, next);
    }
  }

  #give(worker: Worker, { errand, resolve, reject }: Waiting): void {
    const onEnd = (): void => {
      worker.off("message", onMessage);
      worker.off("error", onError);
    };
    const onMessage = (outcome: unknown): void => {
      onEnd();
      this.#idle.push(worker);
      resolve(outcome);
      this.#serve();
    };
    const onError = (cause: unknown): void => {
      onEnd();
      reject(cause);
    };
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.postMessage(errand);
  }
}
