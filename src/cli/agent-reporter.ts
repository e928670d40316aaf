import { Client, type Place } from "../client/client.ts";
import { Clock } from "./agent-clock.ts";
import { Detector } from "./agent-detector.ts";
import type { Log } from "./log.ts";
import { Mailbox } from "./agent-mailbox.ts";
import { pause } from "./agent-pause.ts";
import { Pulse } from "./agent-pulse.ts";
import type { Settings } from "./agent-settings.ts";
import { Shelf } from "./agent-shelf.ts";

/** How long the end of a boot may keep the agent from ending. */
const LAST_WORD_MS = 5_000;

interface Wiring {
  client: Client;
  place: Place;
  everyMs: number;
  /** Where an undelivered end is kept. */
  stateDirectory: string | undefined;
  log: Log;
}

/** What an agent says of one target: a boot begins, beats, ends. */
export class Reporter {
  readonly #clock = new Clock();
  readonly #everyMs: number;
  readonly #detector: Detector;
  readonly #shelf: Shelf;
  readonly #mailbox: Mailbox;
  readonly #pulse: Pulse;
  readonly #log: Log;
  /** What the run before could not deliver goes first: after the new start it would count for nothing. */
  readonly #leftOver: Promise<void>;

  constructor({ client, place, everyMs, stateDirectory, log }: Wiring) {
    const clock = this.#clock;
    this.#everyMs = everyMs;
    this.#log = log;
    this.#detector = new Detector({ client, place, everyMs, clock, log });
    this.#shelf = new Shelf(stateDirectory, place, log);
    this.#mailbox = new Mailbox({ detector: this.#detector, shelf: this.#shelf, clock, log });
    this.#pulse = new Pulse(this.#detector, everyMs);
    this.#leftOver = this.#takeLeftOver();
  }

  /** Resolves when the token is refused: nothing is sent from then on. */
  get denied(): Promise<void> {
    return this.#detector.denied;
  }

  /** A boot began: a start notice, then heartbeats. */
  begin(bootId: string): void {
    const reading = this.#clock.read();
    void this.#leftOver.then(() => {
      this.#mailbox.add({
        kind: "start",
        bootId,
        restarting: false,
        at: () => this.#clock.instantOf(reading),
      });
      this.#pulse.start(bootId, this.#mailbox.drained(this.#everyMs));
    });
  }

  /** Heartbeats alone. */
  beat(bootId: string): void {
    this.#pulse.start(bootId, this.#leftOver);
  }

  /** A boot ended, just now: no more beats. How it ended may be told a moment later. */
  ended(bootId: string): (kind: "crash" | "stop", restarting: boolean) => void {
    const reading = this.#clock.read();
    this.#pulse.stop();
    return (kind, restarting) =>
      void this.#leftOver.then(() => {
        this.#pulse.stop();
        this.#mailbox.add({ kind, bootId, restarting, at: () => this.#clock.instantOf(reading) });
      });
  }

  /** Stops beating; waits until the last notice is delivered, 5 s at most. */
  async close(): Promise<void> {
    this.#pulse.stop();
    // A disk that hangs must not hold the agent up either.
    const limit = new AbortController();
    await Promise.race([this.#finish(), pause(LAST_WORD_MS + 500, limit.signal)]);
    limit.abort();
  }

  async #finish(): Promise<void> {
    await this.#leftOver;
    this.#pulse.stop();
    const delivered = await this.#mailbox.drained(LAST_WORD_MS);
    if (!delivered) this.#log("warn", "notice-not-delivered");
    this.#mailbox.close();
    await this.#shelf.settled();
  }

  async #takeLeftOver(): Promise<void> {
    const notice = await this.#shelf.load(Date.now());
    if (notice === undefined) return;
    this.#log("info", "notice-left-over", { kind: notice.kind, bootId: notice.bootId });
    this.#mailbox.add(notice);
  }
}

/** A reporter as configured. */
export const reporterFor = (
  { url, place, everyMs, stateDirectory }: Settings,
  token: string,
  log: Log,
): Reporter => new Reporter({ client: new Client(url, token), place, everyMs, stateDirectory, log });
