import type { Verdict, VerdictAnswer } from "../src/domain/verdict.ts";
import type { DetectorApi, Key } from "./detector-api.ts";

/** What a poller has seen of one target. */
export interface Seen {
  key: Key;
  /** Each sequence with the answer that first showed it. */
  sequences: Map<number, VerdictAnswer>;
  verdicts: Set<Verdict>;
  /** Whenever /failover said 200: when it was asked, epoch milliseconds. */
  failovers: number[];
  /** Answers got, and calls that got none (while the detector is down). */
  answers: number;
  missed: number;
  /** Statuses that a check path must never give. */
  wrong: string[];
}

const CHECK = new Set([200, 409]);

/** How much less often it reads a verdict than `/failover`: the history keeps every transition, and no check does. */
const VERDICT_EACH = 3;

/** Asks `/failover` of some targets ten times a second each, as a nervous consumer would, and reads their verdicts now and then. */
export class Poller {
  readonly seen: Seen[];
  /** Set while the poller must not ask: what the user tries by hand meanwhile is no finding. */
  isResting = false;
  readonly #api: DetectorApi;
  readonly #loops: Promise<void>[] = [];
  #stopped = false;

  constructor(api: DetectorApi, keys: Key[], { everyMs = 100, verdicts = true } = {}) {
    this.#api = api;
    this.seen = keys.map((key) => ({
      key,
      sequences: new Map(),
      verdicts: new Set(),
      failovers: [],
      answers: 0,
      missed: 0,
      wrong: [],
    }));
    for (const seen of this.seen) {
      this.#loops.push(this.#repeat(seen, everyMs, () => this.#readFailover(seen)));
      if (verdicts)
        this.#loops.push(this.#repeat(seen, VERDICT_EACH * everyMs, () => this.#readVerdict(seen)));
    }
  }

  /** Ends it; resolves when the last call has. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #repeat(seen: Seen, everyMs: number, read: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      const next = performance.now() + everyMs;
      try {
        if (!this.isResting) {
          await read();
          seen.answers += 1;
        }
      } catch {
        seen.missed += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
  }

  async #readFailover(seen: Seen): Promise<void> {
    const at = Date.now();
    const status = await this.#api.check(seen.key, "failover");
    if (status === 200) seen.failovers.push(at);
    if (!CHECK.has(status)) seen.wrong.push(`/failover ${status}`);
  }

  async #readVerdict(seen: Seen): Promise<void> {
    const verdict = await this.#api.verdict(seen.key);
    seen.verdicts.add(verdict.verdict);
    if (!seen.sequences.has(verdict.sequence)) seen.sequences.set(verdict.sequence, verdict);
  }
}
