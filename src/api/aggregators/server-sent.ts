import { ageMs } from "./age.ts";
import type { TransitionPage } from "../../domain/rpc.ts";
import { encodeCursor } from "./cursor.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { pauseFor } from "./within.ts";

const REREAD_MS = 1_000;
const HEARTBEAT_MS = 15_000;
/** The runtime notices that a client has gone only when something is sent to it. Where slots are scarce that must happen soon. */
const CROWDED_HEARTBEAT_MS = 2_000;
/** A stream ends after about this long, a tenth more or less: an invocation may make 10,000 calls. */
const LIFE_MS = 300_000;
const MAX_READS = 5_000;
/** How long a client waits before it reconnects; sent once, at the beginning. */
const RETRY_MS = 2_000;

/** The connections of a stream of events to the outside. */
export interface StreamSource {
  /** A shard's transitions after a place; null: from its end. May reject: the stream tries again. */
  read: (shard: number, place: string | null) => Promise<TransitionPage>;
  /** Whether events of a site are for this client. */
  wants: (site: string) => boolean;
  /** Whether the stream may go on: asked at every turn. */
  mayStay: () => boolean;
  /** Whether others may be waiting for its slot. */
  isCrowded: () => boolean;
  leave: () => void;
}

interface Pace {
  rereadMs: number;
  heartbeatMs: number;
  lifeMs: number;
}

export const PACE: Pace = { rereadMs: REREAD_MS, heartbeatMs: HEARTBEAT_MS, lifeMs: LIFE_MS };

/** One event in the format text/event-stream. `data` must be one line. */
const eventText = (event: string, id: string, data: string): string =>
  `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;

/** Server-sent events of transitions, for one client. The stream reads on only when the client has taken what was sent. */
export class EventStream {
  readonly #source: StreamSource;
  readonly #pace: Pace;
  readonly #asked: string | null;
  /** A place in each shard; null where the stream begins at the end, which is not known yet. */
  readonly #places: Map<number, string | null>;
  readonly #openedAt = Date.now();
  readonly #lifeMs: number;
  #isReady = false;
  #isBroken = false;
  #reads = 0;
  #spokeAt = 0;

  /** `asked`: the cursor that the client gave, or null. */
  constructor(
    places: ReadonlyMap<number, string | null>,
    asked: string | null,
    source: StreamSource,
    pace: Pace = PACE,
  ) {
    this.#places = new Map(places);
    this.#asked = asked;
    this.#source = source;
    this.#pace = pace;
    this.#lifeMs = pace.lifeMs * (0.9 + 0.2 * Math.random());
  }

  /** The body of the answer. */
  open(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const text = await this.#next();
          if (text !== null) return controller.enqueue(encoder.encode(text));
          this.#source.leave();
          controller.close();
        },
        cancel: () => this.#source.leave(),
      },
      // Nothing is read ahead of a client: what it has not taken costs no memory.
      { highWaterMark: 0 },
    );
  }

  /** The text to send next, once there is any; null at the end. */
  async #next(): Promise<string | null> {
    if (this.#spokeAt === 0) return this.#said(`retry: ${RETRY_MS}\n\n`);
    for (;;) {
      const isOver = ageMs(this.#openedAt) >= this.#lifeMs || this.#reads >= MAX_READS;
      if (isOver || !this.#source.mayStay()) return null;
      const text = await this.#read();
      if (text !== "") return this.#said(text);
      if (ageMs(this.#spokeAt) >= this.#heartbeatMs()) return this.#said(": still here\n\n");
      await pauseFor(this.#pace.rereadMs);
    }
  }

  #heartbeatMs(): number {
    const { heartbeatMs } = this.#pace;
    return this.#source.isCrowded() ? Math.min(CROWDED_HEARTBEAT_MS, heartbeatMs) : heartbeatMs;
  }

  #said(text: string): string {
    this.#spokeAt = Date.now();
    return text;
  }

  /** One round over all shards, as text; empty where there is nothing new. */
  async #read(): Promise<string> {
    this.#reads += this.#places.size;
    const rounds = [...this.#places].map(async ([shard, place]) => ({
      shard,
      page: await this.#source.read(shard, place),
    }));
    const settled = await Promise.allSettled(rounds);
    const read = settled.flatMap((round) => (round.status === "fulfilled" ? [round.value] : []));
    const failed = settled.find((round) => round.status === "rejected");
    return this.#troubleText(failed?.reason) + this.#readyText(read) + this.#eventsText(read);
  }

  /** A comment when our own trouble begins. The stream stays open, and no event is lost. */
  #troubleText(reason: unknown): string {
    const was = this.#isBroken;
    this.#isBroken = reason !== undefined;
    if (!this.#isBroken || was) return "";
    warn("api.events", { reason: reasonOf(reason) });
    return ": no answer from where events come from; trying again\n\n";
  }

  /** Sends the client where the stream begins as soon as that is known: the client may be cut off before any event. */
  #readyText(read: { shard: number; page: TransitionPage }[]): string {
    if (this.#isReady) return "";
    for (const { shard, page } of read)
      if (this.#places.get(shard) === null) this.#places.set(shard, page.start);
    const cursor = this.#cursor();
    if (cursor === null) return "";
    this.#isReady = true;
    return eventText("ready", cursor, "{}");
  }

  /** Sends no event before the beginning of every shard is known: no cursor could be given with it. */
  #eventsText(read: { shard: number; page: TransitionPage }[]): string {
    if (!this.#isReady) return "";
    const parts: string[] = [];
    for (const { shard, page } of read) {
      if (page.isGap) parts.push(this.#gapText(shard, page));
      for (const { site, next, json } of page.events) {
        this.#places.set(shard, next);
        if (this.#source.wants(site)) parts.push(eventText("transition", this.#cursor() ?? "", json));
      }
      this.#places.set(shard, page.next);
    }
    return parts.join("");
  }

  #gapText(shard: number, page: TransitionPage): string {
    this.#places.set(shard, page.start);
    const data = JSON.stringify({
      after: this.#asked,
      detail: "transitions after this are not kept any more",
    });
    return eventText("gap", this.#cursor() ?? "", data);
  }

  #cursor(): string | null {
    const places = new Map<number, string>();
    for (const [shard, place] of this.#places) {
      if (place === null) return null;
      places.set(shard, place);
    }
    return encodeCursor(places);
  }
}
