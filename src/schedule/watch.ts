import type { Assignment, ProbeRequest } from "../domain/report.ts";
import { type Clock, settledWithin } from "./clock.ts";
import type { Sender } from "./sender.ts";
import type { Harvest } from "./in-flight.ts";
import type { RoundProber } from "./rounds.ts";
import type { Outbox } from "./outbox.ts";

/** How long a tick waits for the aggregator; a slower call goes on during the next tick. */
const SEND_WAIT_MS = 1_000;
/** A finding that comes after its report has left goes with the next report, unless the next tick is further away than this. */
const RIDE_MS = 5_000;
/** Urgent news is gathered for this long: at most one more report a second, and only while probes are silent. */
const GATHER_MS = 1_000;
/** A look that finds trouble is reported at once, and further ones at most once a second, so that trouble of many targets takes one report. */
const ALERT_GAP_MS = 1_000;
/** Silence that a burst met is reported this long after the burst's report at the latest. */
const BURST_PATIENCE_MS = 2_000;
/** One burst runs and two wait. More are dropped, as the looks they ask for are already under way. */
const BURSTS_MAX = 3;

/** The parts of a watch; its owner knows the platform. */
export interface Equipment {
  clock: Clock;
  prober: RoundProber;
  outbox: Outbox;
  sender: Pick<Sender, "run">;
  /** What the probers have learnt and a successor should know. */
  memory: () => string;
  colo: () => string | undefined;
  /** Makes sure that work goes on after the call that began it, and logs an error if it fails. */
  background: (work: Promise<unknown>) => void;
}

/**
 * What a vantage does on any platform: probe, keep one report, have it delivered; and probe at once when asked to. Its owner decides when
 * to tick, and what to do with a reply.
 */
export class Watch {
  readonly #equipment: Equipment;
  #assignment: Assignment | undefined;
  #tickedAt: number;
  #lateMs: number | undefined;
  #bursts = 0;
  #isFollowing = false;
  #alertedAt = -Infinity;
  #isAlerting = false;
  #lastBurst: Promise<void> = Promise.resolve();

  /** `assignment`: the one that a predecessor worked by. */
  constructor(equipment: Equipment, assignment?: Assignment) {
    this.#equipment = equipment;
    equipment.prober.onTrouble(() => this.#alert());
    const tickedAt = equipment.outbox.inherited?.row.tickedAt;
    this.#tickedAt = tickedAt ?? 0;
    const told = equipment.outbox.inherited?.report.turns;
    if (told !== undefined) equipment.prober.recall(told);
    this.#assignment = assignment;
    if (assignment === undefined) return;
    // A tick in the future shows that the clock was set back. It must put nothing off, or each waking would put everything off once more.
    const isVoid = tickedAt === undefined || tickedAt > equipment.clock.now();
    equipment.prober.adopt(assignment, isVoid ? undefined : tickedAt);
  }

  get assignment(): Assignment | undefined {
    return this.#assignment;
  }

  adopt(assignment: Assignment): void {
    this.#assignment = assignment;
    this.#equipment.prober.adopt(assignment);
  }

  /** Looks at all that is due and reports it. Rejects if the report cannot be kept. */
  async tick(): Promise<void> {
    const { clock, prober, sender } = this.#equipment;
    const tickedAt = clock.now();
    this.#lateMs = prober.lateMs();
    await prober.tick();
    this.#tickedAt = tickedAt;
    this.publish();
    await settledWithin(clock, sender.run(), SEND_WAIT_MS);
    this.#followUp();
  }

  /** Looks at what the judge asks for, now, and reports it. Returns at once. */
  probe(requests: ProbeRequest[]): void {
    if (this.#bursts >= BURSTS_MAX) return;
    this.#bursts += 1;
    const burst = this.#lastBurst.then(() => this.#burst(requests));
    this.#lastBurst = burst.catch(() => undefined);
    this.#equipment.background(burst);
  }

  async #burst(requests: ProbeRequest[]): Promise<void> {
    await this.#equipment.prober.burst(requests).finally(() => {
      this.#bursts -= 1;
    });
    this.publish();
    this.#followUp();
    this.#equipment.background(this.#tellRest());
    await this.#equipment.sender.run();
  }

  /** Reports trouble at once: a round may take as long as its slowest look. */
  #alert(): void {
    if (this.#isAlerting) return;
    this.#isAlerting = true;
    const { clock, background } = this.#equipment;
    // If the clock was set back since the last alert, the next one still waits no longer than the gap.
    const gapMs = Math.min(ALERT_GAP_MS, Math.max(0, this.#alertedAt + ALERT_GAP_MS - clock.now()));
    clock.after(gapMs, () => {
      this.#isAlerting = false;
      this.#alertedAt = clock.now();
      background(this.#tell());
    });
  }

  async #tell(): Promise<void> {
    this.publish();
    await this.#equipment.sender.run();
  }

  /** The judge waits for a burst: looks that are slow to be given up get a report of their own. */
  async #tellRest(): Promise<void> {
    if (await this.#equipment.prober.outlasted(BURST_PATIENCE_MS)) await this.#tell();
  }

  /** Keeps what there is to report as one row, and returns what it harvested; without findings there is no report. */
  publish(): Harvest {
    const { clock, prober, outbox, memory, colo: coloNow } = this.#equipment;
    const harvest = prober.harvest();
    const { observations, controls } = harvest;
    if (this.#assignment === undefined || observations.length + controls.length === 0) return harvest;
    const { vantage, version } = this.#assignment;
    const colo = coloNow();
    const report = {
      vantage,
      version,
      madeAt: Math.floor(clock.now()),
      ...(this.#lateMs === undefined ? {} : { lateMs: this.#lateMs }),
      turns: prober.takeTurns(),
      ...(colo === undefined ? {} : { colo }),
      observations,
      controls,
    };
    outbox.append(report, this.#tickedAt, memory());
    // Reported once: a burst's report between two ticks does not count as a second tick.
    this.#lateMs = undefined;
    return harvest;
  }

  /** Reports probes that end after their report has left, even if the next tick is far away. */
  #followUp(): void {
    if (this.#isFollowing || !this.#equipment.prober.isLooking) return;
    this.#isFollowing = true;
    this.#equipment.background(this.#follow());
  }

  async #follow(): Promise<void> {
    const { clock, prober, sender, background } = this.#equipment;
    try {
      let toldAt = clock.now();
      while (prober.isLooking) {
        const isOver = await settledWithin(clock, prober.landed(), GATHER_MS);
        if (!this.#isToTell(isOver || clock.now() - toldAt >= RIDE_MS)) continue;
        this.publish();
        toldAt = clock.now();
        background(sender.run());
      }
    } finally {
      this.#isFollowing = false;
    }
  }

  /** Whether what has ended deserves a report now; `isTime`: nothing more will come, or the findings have waited for long. */
  #isToTell(isTime: boolean): boolean {
    const { clock, prober } = this.#equipment;
    if (prober.news !== "plain") return prober.news === "telling";
    const next = prober.nextTickAt();
    return isTime && (next === undefined || next - clock.now() > RIDE_MS);
  }
}
