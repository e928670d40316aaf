import type { Stage } from "../domain/outcome.ts";
import { dissect } from "./autopsy.ts";
import { channelKey } from "./channel.ts";
import { attempt } from "./deadline.ts";
import type { Autopsy } from "./failure.ts";
import type { Wire } from "./wire.ts";
import type { Progress } from "./progress.ts";
import type { Address } from "./socket.ts";

/** The least time that an autopsy has, and so the most that a probe runs past its deadline. */
export const FLOOR_MS = 250;
/** A probe that is silent for this long is examined, so that its stage is known when it is reported pending at 1 s. */
const LOOK_MS = 600;
/** A raw connect that is silent for this long shows that the probe waits for its connection. */
const SILENCE_MS = 200;

/** The longest that a failed probe waits for its autopsy: a rejection that comes later is not a refusal any more. */
export const PATIENCE_MS = 2_000;

const NOTHING: Autopsy = { kind: "void", tookMs: 0 };

interface Stance {
  /** The stage of a probe once a raw connect has opened beside it. */
  openedStage: Stage;
  /** A silent raw connect means that the probe's own connection is silent, too. */
  trusted: boolean;
  /** Watch whether the other side closes an opened connection at once; for TLS. */
  lingers: boolean;
}

/** Finds the stage of one probe by raw connects, and keeps the probe's stage up to date meanwhile. */
export class Examiner {
  private readonly wire: Wire;
  private readonly address: Address;
  private readonly progress: Progress;
  private readonly stance: Stance;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private running: Promise<Autopsy> | undefined;
  /** When the dial under way began; undefined while it waits for its turn. */
  private dialledAt: number | undefined;
  private latest: Autopsy | undefined;
  private checks = false;
  private stopped = false;
  private halt: () => void = () => undefined;
  private readonly halted = new Promise<void>((resolve) => {
    this.halt = resolve;
  });

  constructor(wire: Wire, address: { host: string; port: number }, progress: Progress, stance: Stance) {
    this.wire = wire;
    this.address = { host: address.host, port: address.port, tls: false };
    this.progress = progress;
    this.stance = stance;
  }

  /**
   * Begins an autopsy once the probe has been silent for a while: at 0.6 s, or halfway where the deadline is near.
   * Begins at once when the channel is due for its check in health.
   */
  start(): void {
    this.checks = this.wire.channels.claim(channelKey(this.address), this.wire.now());
    if (this.checks) void this.begin();
    else this.timer = setTimeout(() => void this.begin(), Math.min(LOOK_MS, this.progress.remainingMs() / 2));
  }

  /** The probe was ok: what a raw connect met beside it shows whether the channel works. */
  async confirm(): Promise<void> {
    if (!this.checks) return;
    const check = this.latest ?? (await this.wait(FLOOR_MS));
    if (check !== undefined) this.wire.channels.learn(channelKey(this.address), this.wire.now(), check);
  }

  /** The result of the running autopsy, or of a fresh one; undefined where it did not get its turn in time. */
  fresh(): Promise<Autopsy | undefined> {
    // Waits until the deadline, and past it only for a dial that had less than the floor.
    const waitedMs = this.dialledAt === undefined ? 0 : this.wire.now() - this.dialledAt;
    const remainingMs = Math.min(this.progress.remainingMs(), PATIENCE_MS);
    return this.wait(Math.max(remainingMs, FLOOR_MS - waitedMs));
  }

  /** The newest autopsy that has ended, else a fresh one. */
  async newest(): Promise<Autopsy | undefined> {
    return this.latest ?? this.fresh();
  }

  /** Whether a second raw connect, with TLS, is turned away. */
  async shakesHands(): Promise<"opened" | "rejected" | "untried"> {
    if (this.progress.remainingMs() === 0) return "untried";
    const limitMs = Math.max(this.progress.remainingMs(), FLOOR_MS);
    const task = this.wire.autopsy(() =>
      dissect(this.wire.dial, { ...this.address, tls: true }, this.wire.now, { limitMs }),
    );
    const result = await attempt(task, limitMs);
    return result.kind === "done" && result.value.kind === "refused" ? "rejected" : "opened";
  }

  /** The probe has ended, and so do the examinations. An autopsy that waits for its turn gives it up. */
  stop(): void {
    this.stopped = true;
    this.unwatch();
    this.halt();
    if (this.checks) this.wire.channels.release();
    this.checks = false;
  }

  /** Starts an autopsy unless one is running. */
  private begin(): Promise<Autopsy> {
    this.unwatch();
    this.running ??= this.queued()
      .catch(() => NOTHING)
      .then((autopsy) => this.note(autopsy));
    return this.running;
  }

  /** Asynchronous, so that a throw in the queue is a rejection, too. */
  private async queued(): Promise<Autopsy> {
    return this.wire.autopsy(() => this.dissect());
  }

  private unwatch(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async wait(limitMs: number): Promise<Autopsy | undefined> {
    const result = await attempt(this.begin(), limitMs);
    if (result.kind === "done") return result.value;
    const { dialledAt } = this;
    return dialledAt === undefined ? undefined : { kind: "silent", tookMs: this.wire.now() - dialledAt };
  }

  private async dissect(): Promise<Autopsy> {
    if (this.stopped) return NOTHING;
    this.dialledAt = this.wire.now();
    return dissect(this.wire.dial, this.address, this.wire.now, {
      limitMs: Math.max(this.progress.remainingMs(), FLOOR_MS),
      lingers: this.stance.lingers,
      halted: this.halted,
      onSilence: {
        afterMs: SILENCE_MS,
        call: () => {
          if (this.stance.trusted && this.progress.stage === "unknown") this.progress.stage = "connect";
        },
      },
    });
  }

  private note(autopsy: Autopsy): Autopsy {
    this.running = undefined;
    this.dialledAt = undefined;
    if (autopsy.kind === "void" || this.stopped) return autopsy;
    this.latest = autopsy;
    if (autopsy.kind !== "opened" && autopsy.kind !== "closed") return autopsy;
    this.progress.connectMs ??= autopsy.tookMs;
    const { stage } = this.progress;
    if (stage === "unknown" || stage === "connect") this.progress.stage = this.stance.openedStage;
    return autopsy;
  }
}
