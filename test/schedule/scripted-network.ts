import type { Finding } from "../../src/domain/observation.ts";
import type { Clock } from "../../src/schedule/clock.ts";
import type { RunningProbe, ScheduledSpec } from "../../src/schedule/starter.ts";

/** How a node behaves: after how long it answers, or where it falls silent. */
export type Behaviour =
  | { answersAfterMs: number; outcome?: Finding["outcome"]; connectMs?: number }
  | { silentAt: "connect" | "response" };

export const HEALTHY: Behaviour = { answersAfterMs: 20, connectMs: 8 };
export const DEAD: Behaviour = { silentAt: "connect" };
export const FROZEN: Behaviour = { silentAt: "response" };

/** The network as the prober sees it: each probe gets the behaviour that the test has set for its URL. */
export class ScriptedNetwork {
  readonly started: (ScheduledSpec & { at: number })[] = [];
  /** The most probes that waited at once. */
  busiest = 0;
  #waiting = 0;
  readonly #clock: Clock;
  readonly #behaviours = new Map<string, Behaviour>();
  #usual: Behaviour = HEALTHY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(url: string, behaviour: Behaviour): void {
    this.#behaviours.set(url, behaviour);
  }

  /** Sets this behaviour for every URL. */
  setAll(behaviour: Behaviour): void {
    this.#behaviours.clear();
    this.#usual = behaviour;
  }

  /** The instants at which probes of this URL began. */
  startsOf(url: string): number[] {
    return this.started.filter((probe) => probe.url === url).map((probe) => probe.at);
  }

  readonly start = (spec: ScheduledSpec): RunningProbe => {
    const begin = this.#clock.now();
    this.started.push({ ...spec, at: begin });
    this.#waiting += 1;
    this.busiest = Math.max(this.busiest, this.#waiting);
    const { finding, afterMs } = foretell(this.#behaviours.get(spec.url) ?? this.#usual, spec);
    return {
      begin,
      stage: () => {
        if (this.#clock.now() - begin < (finding.connectMs ?? 0)) return "connect";
        return finding.stage === "done" ? "response" : finding.stage;
      },
      isResolving: () => false,
      connectMs: () => finding.connectMs,
      finding: new Promise((resolve) => {
        this.#clock.after(afterMs, () => {
          this.#waiting -= 1;
          resolve(finding);
        });
      }),
    };
  };
}

const foretell = (
  behaviour: Behaviour,
  { timeoutMs, connectWithinMs }: ScheduledSpec,
): { finding: Finding; afterMs: number } => {
  if (isShut(behaviour, connectWithinMs))
    return {
      finding: { outcome: "connect_timeout", stage: "connect", totalMs: connectWithinMs },
      afterMs: connectWithinMs,
    };
  if ("answersAfterMs" in behaviour && behaviour.answersAfterMs <= timeoutMs) {
    const { answersAfterMs: totalMs, outcome = "ok", connectMs } = behaviour;
    const opened = connectMs === undefined ? {} : { connectMs };
    return { finding: { outcome, stage: "done", totalMs, ...opened }, afterMs: totalMs };
  }
  return {
    finding: { outcome: "response_timeout", stage: "response", connectMs: 8, totalMs: timeoutMs },
    afterMs: timeoutMs,
  };
};

/** Whether the connection fails to open in time. It opens at once where the behaviour gives no `connectMs`. */
const isShut = (behaviour: Behaviour, connectWithinMs: number): boolean =>
  "silentAt" in behaviour
    ? behaviour.silentAt === "connect"
    : behaviour.connectMs !== undefined && behaviour.connectMs > connectWithinMs;
