import type { Called, Client, Place } from "../client/client.ts";
import type { Heard } from "../domain/heartbeat.ts";
import { fromInstant, toInstant } from "../domain/instant.ts";
import type { Clock } from "./agent-clock.ts";
import type { Log } from "./log.ts";
import type { Notice } from "./agent-notice.ts";

/** What became of a word: `later` may work when tried again, `useless` never will, `denied`: nothing will. */
export type Outcome = "heard" | "later" | "useless" | "denied";

const LONGEST_CALL_MS = 5_000;
/** A body the detector will never take, however often it is sent. */
const USELESS = new Set([400, 413, 415, 422]);

interface Wiring {
  client: Client;
  place: Place;
  everyMs: number;
  clock: Clock;
  log: Log;
}

/** The detector as an agent speaks to it: outages are logged as they begin and end, its clock is learnt. */
export class Detector {
  readonly #wiring: Wiring;
  /** Resolves when the token is refused: from then on nothing is sent. */
  readonly denied: Promise<void>;
  #deny: () => void = () => undefined;
  #isDenied = false;
  /** Since when no call has come through; null while they do. */
  #outageFrom: number | null = null;
  #objection = "";

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.denied = new Promise((resolve) => (this.#deny = resolve));
  }

  get isDenied(): boolean {
    return this.#isDenied;
  }

  beat(bootId: string, stop: AbortSignal): Promise<Outcome> {
    const { client, place, everyMs } = this.#wiring;
    return this.#call("heartbeat", stop, (limit) => client.heartbeat(place, { bootId, everyMs }, limit));
  }

  tell({ kind, bootId, restarting, at }: Notice, stop: AbortSignal): Promise<Outcome> {
    const { client, place } = this.#wiring;
    const body = { kind, bootId, restarting, at: toInstant(at()) };
    return this.#call(kind, stop, (limit) => client.notice(place, body, limit));
  }

  async #call(
    word: string,
    stop: AbortSignal,
    send: (limit: AbortSignal) => Promise<Called<Heard>>,
  ): Promise<Outcome> {
    if (this.#isDenied) return "denied";
    if (stop.aborted) return "later";
    const { clock, everyMs } = this.#wiring;
    // A controller for each call: what hangs on a signal that lives on is never collected.
    const limit = new AbortController();
    const abort = (): void => limit.abort();
    const timer = setTimeout(abort, Math.min(everyMs, LONGEST_CALL_MS));
    stop.addEventListener("abort", abort);
    const sent = clock.read();
    const called = await send(limit.signal);
    clearTimeout(timer);
    stop.removeEventListener("abort", abort);
    // Broken off by ourselves: that tells nothing of the detector.
    if (called.kind === "failed" && stop.aborted) return "later";
    return this.#judge(word, called, sent);
  }

  #judge(word: string, called: Called<Heard>, sent: number): Outcome {
    const { clock, log } = this.#wiring;
    if (called.kind === "ok") {
      clock.learn(fromInstant(called.value.at), sent, clock.read());
      this.#endOutage();
      const { accepted, detail } = called.value;
      this.#object("warn", "not-accepted", accepted ? undefined : { word, detail });
      return "heard";
    }
    if (called.kind === "refused" && (called.status === 401 || called.status === 403)) {
      const { status, detail } = called;
      if (!this.#isDenied) log("error", "token-refused", { status, detail, so: "nothing more is sent" });
      this.#isDenied = true;
      this.#deny();
      return "denied";
    }
    if (called.kind === "refused" && USELESS.has(called.status)) {
      this.#endOutage();
      this.#object("error", "not-understood", { word, status: called.status, detail: called.detail });
      return "useless";
    }
    this.#beginOutage(called);
    return "later";
  }

  /** Said once while the reason stays the same: heartbeats would fill the log. */
  #object(level: "warn" | "error", event: string, reason: Record<string, unknown> | undefined): void {
    const objection = reason === undefined ? "" : JSON.stringify(reason);
    if (reason !== undefined && objection !== this.#objection) this.#wiring.log(level, event, reason);
    this.#objection = objection;
  }

  #beginOutage(called: { status?: number; detail: string }): void {
    if (this.#outageFrom !== null) return;
    this.#outageFrom = this.#wiring.clock.read();
    const { status, detail } = called;
    this.#wiring.log("warn", "outage-began", { ...(status === undefined ? {} : { status }), detail });
  }

  #endOutage(): void {
    if (this.#outageFrom === null) return;
    const outageMs = Math.round(this.#wiring.clock.read() - this.#outageFrom);
    this.#outageFrom = null;
    this.#wiring.log("info", "outage-ended", { outageMs });
  }
}
