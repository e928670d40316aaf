import { sentReports } from "../../domain/exchange.ts";
import type { RemoteReply, Report } from "../../domain/report.ts";
import type { Clock } from "../../schedule/clock.ts";
import { Sender } from "../../schedule/sender.ts";
import type { Outbox } from "../../schedule/outbox.ts";
import { Backoff } from "../shared/time/backoff.ts";
import { faultsTo } from "../shared/output/log.ts";
import type { ShardConnection } from "./shard-connection.ts";
import type { VantagePorts } from "./node-ports.ts";

const FIRST_RETRY_MS = 1_000;

interface DeliveryOwner {
  /** The version of the present assignment. */
  version: () => number;
  /** Nothing is delivered before the first exchange with the detector, which corrects clock and numbering. */
  isMet: () => boolean;
  take: (reply: RemoteReply) => void;
  /** Called after each answered call. */
  answered: () => void;
}

/** Delivers reports to the detector. It retries without end, but gives up a report that the detector will never accept. */
export class ReportDelivery {
  readonly #line: ShardConnection;
  readonly #outbox: Outbox;
  readonly #ports: VantagePorts;
  readonly #owner: DeliveryOwner;
  readonly #sender: Sender<RemoteReply>;
  readonly #backoff: Backoff;
  readonly #counts = { observations: 0, delivered: 0 };
  #hasEnded = false;
  #cancelRetry: (() => void) | undefined;

  constructor(
    line: ShardConnection,
    outbox: Outbox,
    clock: Clock,
    ports: VantagePorts,
    retryMaxMs: number,
    owner: DeliveryOwner,
  ) {
    this.#line = line;
    this.#outbox = outbox;
    this.#ports = ports;
    this.#owner = owner;
    this.#backoff = new Backoff(ports.random, { firstMs: FIRST_RETRY_MS, longestMs: retryMaxMs });
    this.#sender = new Sender(
      outbox,
      clock,
      (reports) => this.#deliver(reports),
      (reply) => owner.take(reply),
    );
  }

  /** Observations and reports that the detector has accepted. */
  get counts(): { observations: number; delivered: number } {
    return this.#counts;
  }

  /** Delivers the waiting reports; settles when that has ended or failed. */
  run(): Promise<void> {
    return this.#sender.run();
  }

  /** The detector answers again: unsent reports go out without further delay. */
  resume(): void {
    if (this.#backoff.failures > 0) this.#ports.log("info", "detector-back", { unsent: this.#outbox.unsent });
    this.#backoff.reset();
    this.#dropRetry();
    if (this.#outbox.hasUnsent) this.#runOn();
  }

  /** Stops all retries from now on. */
  halt(): void {
    this.#hasEnded = true;
    this.#dropRetry();
  }

  #runOn(): void {
    void this.#sender.run().catch(faultsTo(this.#ports.log));
  }

  #dropRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  async #deliver(reports: Report[]): Promise<RemoteReply> {
    if (!this.#owner.isMet() || this.#cancelRetry !== undefined) throw new Error("not yet");
    const answer = await this.#line.call({ version: this.#owner.version(), reports: sentReports(reports) });
    if (answer.kind === "ok") {
      this.#count(reports, answer.reply.acknowledged);
      this.#owner.answered();
      return answer.reply;
    }
    if (answer.kind === "invalid") return this.#offerLess(reports, answer.detail);
    this.#retryLater(answer.detail);
    throw new Error(answer.detail);
  }

  /** Finds the refused report by offering ever fewer. A report that is refused alone is dropped, since it will never be accepted. */
  #offerLess(reports: Report[], detail: string): Promise<RemoteReply> {
    if (reports.length > 1) return this.#deliver(reports.slice(0, Math.ceil(reports.length / 2)));
    const [report] = reports;
    if (report !== undefined) {
      const { sequence, observations } = report;
      this.#ports.log("error", "report-refused", { sequence, dropped: observations.length, detail });
      this.#outbox.discard(sequence);
    }
    // The next report may be refused as well, so the pace is that for a detector that is down.
    this.#retryLater(detail);
    throw new Error(detail);
  }

  #count(reports: Report[], acknowledged: number): void {
    for (const { sequence, observations } of reports) {
      if (sequence > acknowledged) continue;
      this.#counts.delivered += 1;
      this.#counts.observations += observations.length;
    }
  }

  #retryLater(detail: string): void {
    if (this.#hasEnded) return;
    const waitMs = this.#backoff.fail();
    const { failures, isTelling } = this.#backoff;
    if (isTelling)
      this.#ports.log("warn", "delivery-failing", { detail, failures, unsent: this.#outbox.unsent });
    this.#dropRetry();
    this.#cancelRetry = this.#ports.after(waitMs, () => {
      this.#cancelRetry = undefined;
      this.#runOn();
    });
  }
}
