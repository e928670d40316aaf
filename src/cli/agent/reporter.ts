import type { Place } from "../../client/client.ts";
import { DetectorClock } from "../shared/time/detector-clock.ts";
import { Detector } from "./detector.ts";
import { NoticeQueue } from "./notice-queue.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { Pulse } from "./pulse.ts";
import { NoticeShelf } from "./shelf.ts";

/** How long the notice of a boot's end may keep the agent from ending. */
const LAST_WORD_MS = 5_000;

/** Reports on one target: that a boot begins, lives, ends. */
export class Reporter {
  readonly #ports: AgentPorts;
  readonly #everyMs: number;
  readonly #clock: DetectorClock;
  readonly #detector: Detector;
  readonly #mailbox: NoticeQueue;
  readonly #pulse: Pulse;

  constructor(
    ports: AgentPorts,
    { place, everyMs }: { place: Place; everyMs: number },
    position: () => number | undefined = () => undefined,
  ) {
    const clock = new DetectorClock(ports, ports.wall());
    const detector = new Detector({ ports, place, everyMs, clock, position });
    const shelf = new NoticeShelf(ports, place);
    this.#ports = ports;
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#detector = detector;
    this.#mailbox = new NoticeQueue({ detector, shelf, clock, ports });
    this.#pulse = new Pulse(ports, detector, everyMs);
    // A notice that the previous run could not deliver goes first: after the new start it would not count.
    const leftOver = shelf.load();
    if (leftOver === undefined) return;
    ports.log("info", "notice-left-over", { kind: leftOver.kind, bootId: leftOver.bootId });
    this.#mailbox.add(leftOver);
  }

  /** Resolves when the token is refused: nothing is sent from then on. */
  get denied(): Promise<void> {
    return this.#detector.denied;
  }

  /** A boot began: a start notice, then heartbeats. */
  begin(bootId: string): void {
    this.#mailbox.add({ kind: "start", bootId, restarting: false, at: this.#clock.mark() });
    this.#pulse.start(bootId, this.#mailbox.drained(this.#everyMs));
  }

  /** Heartbeats alone. */
  beat(bootId: string): void {
    this.#pulse.start(bootId);
  }

  /** A boot has ended just now: heartbeats stop. The caller passes how it ended, at once or a moment later. */
  ended(bootId: string): (kind: "crash" | "stop", restarting: boolean) => void {
    const at = this.#clock.mark();
    this.#pulse.stop();
    return (kind, restarting) => this.#mailbox.add({ kind, bootId, restarting, at });
  }

  /** Stops beating; waits until the last notice is delivered, 5 s at most. */
  async close(): Promise<void> {
    this.#pulse.stop();
    const delivered = await this.#mailbox.drained(LAST_WORD_MS);
    if (!delivered) this.#ports.log("warn", "notice-not-delivered");
    this.#mailbox.close();
  }
}
