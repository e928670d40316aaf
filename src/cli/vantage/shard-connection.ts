import type { Called } from "../../client/client.ts";
import { type ExchangeReply, type ExchangeRequest, takenReply } from "../../domain/exchange.ts";
import { fromInstant } from "../../domain/instant.ts";
import type { RemoteReply } from "../../domain/report.ts";
import type { DetectorClock } from "../shared/time/detector-clock.ts";
import { EXIT_REFUSED } from "../command.ts";
import { tokenRefusal } from "../shared/detector/token-refusal.ts";
import type { VantagePorts } from "./node-ports.ts";

/** Why a vantage cannot go on. */
export interface End {
  code: number;
  reason: string;
}

/** The result of a call: an answer, a failure, or the detector's answer that our reports are invalid. */
export type ExchangeAnswer =
  | { kind: "ok"; reply: RemoteReply }
  | { kind: "failed"; detail: string }
  | { kind: "invalid"; detail: string };

/** What a connection reports to its owner. */
export interface LineEvents {
  onShards: (count: number) => void;
  onEnd: (end: End) => void;
}

/** The connection to the detector for one shard: makes calls, sorts their answers, and learns the time from them. */
export class ShardConnection {
  readonly #shard: number;
  readonly #ports: VantagePorts;
  readonly #clock: DetectorClock;
  readonly #events: LineEvents;

  constructor(shard: number, ports: VantagePorts, clock: DetectorClock, events: LineEvents) {
    this.#shard = shard;
    this.#ports = ports;
    this.#clock = clock;
    this.#events = events;
  }

  async call(request: Partial<ExchangeRequest>, stop?: AbortSignal): Promise<ExchangeAnswer> {
    const learn = this.#clock.measure();
    const called = await this.#ports.exchange({ shard: this.#shard, ...request }, stop);
    if (called.kind !== "ok") return this.#sort(called);
    // Only calls that are not held teach the time: of a held call, the time spent on the way is unknown.
    if (!request.waitMs) learn(fromInstant(called.value.at));
    this.#events.onShards(called.value.shards);
    return { kind: "ok", reply: takenReply(called.value) };
  }

  #sort(called: Exclude<Called<ExchangeReply>, { kind: "ok" }>): ExchangeAnswer {
    if (called.kind === "failed") return called;
    const { status, detail } = called;
    const reason = tokenRefusal(status);
    if (reason !== undefined) this.#events.onEnd({ code: EXIT_REFUSED, reason });
    const told = `status ${status}: ${detail}`;
    return { kind: status === 400 || status === 413 ? "invalid" : "failed", detail: told };
  }
}
