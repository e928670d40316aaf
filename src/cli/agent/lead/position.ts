import { pause } from "../../shared/time/pause.ts";
import { inOneLine } from "../../shared/output/trouble.ts";
import { carryOut } from "./order.ts";
import type { LeadPorts } from "./lead-ports.ts";

/** A position measured more than this many intervals ago is not reported any more: no member is ahead by an old position. */
const KEPT_INTERVALS = 3;

interface Asked {
  command: string;
  environment: NodeJS.ProcessEnv;
  limitMs: number;
  everyMs: number;
}

/** Measures how far a member's copy of the data reaches, by the user's command, once in each interval. */
export class Position {
  readonly #asked: Asked;
  readonly #ports: Pick<LeadPorts, "after" | "log">;
  #newest: { position: number; at: number } | undefined;
  #isFailing = false;

  constructor(asked: Asked, ports: Pick<LeadPorts, "after" | "log">) {
    this.#asked = asked;
    this.#ports = ports;
  }

  /** The position for the next heartbeat; undefined where the newest is too old. */
  readonly newest = (): number | undefined => {
    const { position, at } = this.#newest ?? { position: undefined, at: 0 };
    return performance.now() - at <= KEPT_INTERVALS * this.#asked.everyMs ? position : undefined;
  };

  async run(stop: AbortSignal): Promise<void> {
    const { command, environment, limitMs, everyMs } = this.#asked;
    for (; !stop.aborted; await pause(this.#ports.after, everyMs, stop)) {
      const at = performance.now();
      const done = await carryOut({ command, environment, limitMs, stop }, true);
      if (stop.aborted) return;
      const position = done.ok && /\S/.test(done.output) ? Number(done.output) : Number.NaN;
      if (Number.isFinite(position)) this.#newest = { position, at };
      this.#tell(
        Number.isFinite(position)
          ? undefined
          : done.ok
            ? `it printed "${inOneLine(done.output, 60)}", which is no number`
            : done.why,
      );
    }
  }

  /** Logs a failure once when it begins and once when it ends. */
  #tell(why: string | undefined): void {
    const { log } = this.#ports;
    if (why !== undefined && !this.#isFailing)
      log("warn", "no-position", { reason: why, so: "heartbeats say none, and a group may choose another" });
    if (why === undefined && this.#isFailing) log("info", "position-back");
    this.#isFailing = why !== undefined;
  }
}
