import type { Report, ReportReply } from "../domain/report.ts";
import { type Clock, settledWithin } from "./clock.ts";
import type { Outbox } from "./outbox.ts";

/** The sender gives up a call that takes longer. If the call arrives after all, the aggregator knows its reports by their sequence. */
const CALL_TIMEOUT_MS = 10_000;

/** Carries reports from the outbox to the aggregator: oldest first and one call at a time, so order holds. */
export class Sender<Reply extends ReportReply = ReportReply> {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #deliver: (reports: Report[]) => Promise<Reply>;
  readonly #take: (reply: Reply) => void | Promise<void>;
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();

  /** `deliver` makes one call and may reject; `take` sees every reply. */
  constructor(
    outbox: Outbox,
    clock: Clock,
    deliver: (reports: Report[]) => Promise<Reply>,
    take: (reply: Reply) => void | Promise<void>,
  ) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#deliver = deliver;
    this.#take = take;
  }

  /**
   * Delivers until the outbox is empty or a call fails; what remains waits for the next run. A caller joins a run under way, which also
   * delivers what was added meanwhile. Rejects only if `take` does.
   */
  run(): Promise<void> {
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#running = this.#drain();
    }
    return this.#running;
  }

  async #drain(): Promise<void> {
    try {
      let reports = this.#outbox.batch();
      while (reports.length > 0 && (await this.#carry(reports))) reports = this.#outbox.batch();
    } finally {
      this.#isRunning = false;
    }
  }

  /** True if the call made the outbox shorter. */
  async #carry(reports: Report[]): Promise<boolean> {
    const reply = await this.#call(reports);
    if (reply === undefined) return false;
    this.#outbox.acknowledge(reply.acknowledged);
    await this.#take(reply);
    return reply.acknowledged >= (reports[0]?.sequence ?? Infinity);
  }

  async #call(reports: Report[]): Promise<Reply | undefined> {
    let reply: Reply | undefined;
    let isLate = false;
    const answered = (async () => {
      const answer = await this.#deliver(reports);
      if (!isLate) reply = answer;
    })();
    isLate = !(await settledWithin(this.#clock, answered, CALL_TIMEOUT_MS));
    return reply;
  }
}
