/** Asks every target's /failover ten times a second, as long as the lab runs, and keeps each answer. */
import type { DetectorApi, Key } from "../../scripts/detector-api.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { nameOf } from "../world/world.ts";
import { Truth } from "./truth.ts";

const EVERY_MS = 100;
const CHECK = new Set([200, 409]);

/** One answer of /failover. */
export interface Answered {
  /** When it was asked and when answered, epoch milliseconds. */
  asked: number;
  answered: number;
  status: number;
}

/** A verdict as it was first read. */
export interface Told {
  at: number;
  verdict: VerdictAnswer;
}

/** All requests and answers about one target. */
export class Watched {
  readonly key: Key;
  readonly truth = new Truth();
  readonly failovers: Answered[] = [];
  /** Each change of the published verdict. */
  readonly told: Told[] = [];
  missed = 0;
  /** True while its target is created anew: then its verdict is not read. */
  paused = false;

  constructor(key: Key) {
    this.key = key;
  }

  get last(): VerdictAnswer | undefined {
    return this.told.at(-1)?.verdict;
  }

  /** The verdicts published since an instant, after the one that held at that moment. */
  toldSince(at: number): Told[] {
    const first = this.told.findLastIndex((told) => told.at <= at);
    return this.told.slice(Math.max(0, first));
  }

  /** Answers of 200 since an instant although the target's process lived. */
  violationsSince(at: number): Answered[] {
    return this.failovers.filter(
      (answer) => answer.asked >= at && answer.status === 200 && !this.truth.excuses(answer),
    );
  }

  /** Statuses that this check must never give. */
  get odd(): number[] {
    return this.failovers.map(({ status }) => status).filter((status) => !CHECK.has(status));
  }

  hear(at: number, verdict: VerdictAnswer): void {
    if (this.last === undefined || essence(this.last) !== essence(verdict)) this.told.push({ at, verdict });
  }
}

/** The parts of an answer whose change makes it a new one. */
const essence = ({ sequence, verdict, scope, confirmed, stale, advice }: VerdictAnswer): string =>
  JSON.stringify([sequence, verdict, scope, confirmed, stale, advice.routing, advice.failover]);

export class Watch {
  readonly #targets = new Map<string, Watched>();
  readonly #api: DetectorApi;
  readonly #loops: Promise<void>[] = [];
  #stopped = false;

  constructor(api: DetectorApi, keys: readonly Key[]) {
    this.#api = api;
    for (const key of keys) {
      const watched = new Watched(key);
      this.#targets.set(nameOf(key), watched);
      this.#loops.push(
        this.#repeat(watched, () => this.#askFailover(watched)),
        this.#repeat(watched, () => this.#askVerdict(watched)),
      );
    }
  }

  get targets(): Watched[] {
    return [...this.#targets.values()];
  }

  of(key: Key): Watched {
    const found = this.#targets.get(nameOf(key));
    if (found === undefined) throw new Error(`${nameOf(key)} is not watched`);
    return found;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #repeat(watched: Watched, ask: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      const next = performance.now() + EVERY_MS;
      try {
        if (!watched.paused) await ask();
      } catch {
        // The detector is down, which is part of what the lab tests.
        watched.missed += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
  }

  async #askFailover(watched: Watched): Promise<void> {
    const asked = Date.now();
    const status = await this.#api.check(watched.key, "failover");
    if (watched.paused) return;
    watched.failovers.push({ asked, answered: Date.now(), status });
  }

  async #askVerdict(watched: Watched): Promise<void> {
    const verdict = await this.#api.verdict(watched.key);
    if (!watched.paused) watched.hear(Date.now(), verdict);
  }
}
