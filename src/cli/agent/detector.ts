import type { Called, Place } from "../../client/client.ts";
import type { Heard } from "../../domain/heartbeat.ts";
import { fromInstant, toInstant } from "../../domain/instant.ts";
import type { DetectorClock } from "../shared/time/detector-clock.ts";
import { tokenRefusal } from "../shared/detector/token-refusal.ts";
import type { AgentNotice } from "./notice.ts";
import type { AgentPorts } from "./agent-ports.ts";

/** The result of a call: `later` may work when tried again, `useless` never will, and after `denied` no call will. */
export type CallOutcome = "heard" | "later" | "useless" | "denied";

const LONGEST_CALL_MS = 5_000;
/** The statuses for a body that the detector never accepts, however often it is sent. */
const USELESS = new Set([400, 413, 415, 422]);

interface Wiring {
  ports: AgentPorts;
  place: Place;
  everyMs: number;
  clock: DetectorClock;
  /** How far the node's copy of the data reaches. */
  position: () => number | undefined;
}

/** The agent's calls to the detector. Outages are logged as they begin and end, and the detector's clock is learnt. */
export class Detector {
  readonly #wiring: Wiring;
  /** Resolves when the token is refused: from then on nothing is sent. */
  readonly denied: Promise<void>;
  #deny: () => void = () => undefined;
  #isDenied = false;
  /** When the first of the failed calls in a row failed; null while calls succeed. */
  #outageFrom: (() => number) | null = null;
  #objection = "";

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.denied = new Promise((resolve) => (this.#deny = resolve));
  }

  get isDenied(): boolean {
    return this.#isDenied;
  }

  beat(bootId: string, stop: AbortSignal): Promise<CallOutcome> {
    const { ports, place, everyMs, position } = this.#wiring;
    const reached = position();
    const body = { bootId, everyMs, ...(reached === undefined ? {} : { position: reached }) };
    return this.#call("heartbeat", stop, (limit) => ports.heartbeat(place, body, limit));
  }

  tell({ kind, bootId, restarting, at }: AgentNotice, stop: AbortSignal): Promise<CallOutcome> {
    const { ports, place } = this.#wiring;
    const body = { kind, bootId, restarting, at: toInstant(at()) };
    return this.#call(kind, stop, (limit) => ports.notice(place, body, limit));
  }

  async #call(
    word: string,
    stop: AbortSignal,
    send: (limit: AbortSignal) => Promise<Called<Heard>>,
  ): Promise<CallOutcome> {
    if (this.#isDenied) return "denied";
    if (stop.aborted) return "later";
    const { clock, everyMs, ports } = this.#wiring;
    // A controller for each call: whatever is bound to a signal that lives on is never collected.
    const limit = new AbortController();
    const abort = (): void => limit.abort();
    const cancel = ports.after(Math.min(everyMs, LONGEST_CALL_MS), abort);
    stop.addEventListener("abort", abort);
    const learn = clock.measure();
    const called = await send(limit.signal);
    cancel();
    stop.removeEventListener("abort", abort);
    // The agent itself has aborted the call, which says nothing about the detector.
    if (called.kind === "failed" && stop.aborted) return "later";
    if (called.kind === "ok") learn(fromInstant(called.value.at));
    return this.#judge(word, called);
  }

  #judge(word: string, called: Called<Heard>): CallOutcome {
    if (called.kind === "ok") {
      this.#endOutage();
      const { accepted, detail } = called.value;
      this.#object("warn", "not-accepted", accepted ? undefined : { word, detail });
      return "heard";
    }
    const reason = called.kind === "refused" ? tokenRefusal(called.status) : undefined;
    if (called.kind === "refused" && reason !== undefined) {
      const { status, detail } = called;
      if (!this.#isDenied)
        this.#log("error", "token-refused", { status, detail, reason, so: "nothing more is sent" });
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

  /** Logs an objection once while the reason stays the same: one line for each heartbeat would fill the log. */
  #object(level: "warn" | "error", event: string, reason: Record<string, unknown> | undefined): void {
    const objection = reason === undefined ? "" : JSON.stringify(reason);
    if (reason !== undefined && objection !== this.#objection) this.#log(level, event, reason);
    this.#objection = objection;
  }

  #beginOutage(called: { status?: number; detail: string }): void {
    if (this.#outageFrom !== null) return;
    this.#outageFrom = this.#wiring.clock.mark();
    const { status, detail } = called;
    this.#log("warn", "detector-unreachable", { ...(status === undefined ? {} : { status }), detail });
  }

  #endOutage(): void {
    if (this.#outageFrom === null) return;
    const outageMs = Math.round(this.#wiring.clock.now() - this.#outageFrom());
    this.#outageFrom = null;
    this.#log("info", "detector-back", { outageMs });
  }

  get #log(): AgentPorts["log"] {
    return this.#wiring.ports.log;
  }
}
