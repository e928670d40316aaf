/**
 * Which addresses a raw connect is known to reach. `connect()` to a Cloudflare address always fails, and so may one through a middlebox.
 * While the target is ill that failure would look like a refusal. So an autopsy counts only where a raw connect has worked while the target
 * was alive. That is tried at the first few `ok`s, so that the path's healthy connect time is soon known too, and then rarely.
 */
import { parseEndpoint } from "../domain/address.ts";
import type { Autopsy } from "./failure.ts";
import { type Habit, type Manner, withManner } from "./manner.ts";

/** What a vantage remembers about one `host:port`. Plain data, so that the vantage may keep it over a restart. */
export interface Channel {
  /** A raw connect got through while the target was alive. Reset where answers bear the marks of Cloudflare and a raw connect failed. */
  proven: boolean;
  /** Epoch milliseconds. */
  checkedAt: number;
  /** Failed checks in a row. */
  misses: number;
  /** Checks that got through, counted while the path is being learnt. */
  hits: number;
  /** Healthy answers bear the marks of Cloudflare's proxy. */
  edge: boolean;
  /** How bare connections to this address usually end. */
  habit?: Habit | undefined;
}

/** Checks that make a path known: the judge needs as many connect times before it weighs the time of a refusal. */
const LEARNT_HITS = 5;
const PROVEN_MS = 600_000;
const MISSED_MS = 60_000;
const MISSED_MAX_MS = 3_600_000;
const MAX_CHANNELS = 4_000;
const NEW: Channel = { proven: false, checkedAt: 0, misses: 0, hits: 0, edge: false };

export const channelKey = (address: { host: string; port: number }): string =>
  `${address.host}:${address.port}`;

const waitMs = ({ proven, misses, hits }: Channel): number => {
  if (!proven) return Math.min(MISSED_MAX_MS, MISSED_MS * 2 ** Math.max(0, misses - 1));
  return hits < LEARNT_HITS ? 0 : PROVEN_MS;
};

/** The memory of one vantage. Bounded: the addresses learnt longest ago are forgotten first. */
export class Channels {
  private readonly known: Map<string, Channel>;
  private busy = false;
  constructor(kept: Iterable<readonly [string, Channel]> = []) {
    this.known = new Map(kept);
  }

  /** In the form that `channelsIn` reads. */
  toString(): string {
    return JSON.stringify([...this.known]);
  }

  /** Forgets all addresses except those of these URLs. */
  retain(urls: Iterable<string>): void {
    const places = new Set<string>();
    for (const url of urls) {
      const endpoint = parseEndpoint(url);
      if (typeof endpoint !== "string") places.add(channelKey(endpoint));
    }
    for (const key of this.known.keys()) if (!places.has(key)) this.known.delete(key);
  }

  /** What is known about an address; undefined where nothing is. */
  get(key: string): Channel | undefined {
    return this.known.get(key);
  }

  /** Takes over what a probe that ran elsewhere has learnt about an address. */
  adopt(key: string, channel: Channel): void {
    this.keep(key, channel);
  }

  /** Whether an autopsy of this address may be believed. */
  proven(key: string): boolean {
    return this.known.get(key)?.proven ?? false;
  }

  /** Whether a raw connect to this address is worth a try: one has worked, or none has failed recently. */
  worthTrying(key: string, now: number): boolean {
    const channel = this.known.get(key) ?? NEW;
    return channel.proven || channel.misses === 0 || now - channel.checkedAt >= waitMs(channel);
  }

  /**
   * Whether the target itself is behind Cloudflare: its healthy answers bear the marks, and a raw connect was tried and did not get
   * through, as always with Cloudflare's own addresses.
   */
  behindEdge(key: string): boolean {
    const channel = this.known.get(key);
    return channel !== undefined && channel.edge && !channel.proven && channel.misses > 0;
  }

  /**
   * Asks for the right to check this address during the probe that begins. True for at most one probe at a time, so that checks in health
   * never delay the autopsies of failing targets. After true, the caller must call `release`.
   */
  claim(key: string, now: number): boolean {
    const channel = this.known.get(key) ?? NEW;
    if (this.busy || now - channel.checkedAt < waitMs(channel)) return false;
    this.busy = true;
    return true;
  }

  release(): void {
    this.busy = false;
  }

  /** The target proved alive; `autopsy` is what a raw connect met at the same time. */
  learn(key: string, now: number, autopsy: Autopsy): void {
    if (autopsy.kind === "void") return;
    const channel = this.known.get(key) ?? NEW;
    const isIn = autopsy.kind === "opened" || autopsy.kind === "closed";
    // Where a raw connect has worked, one that fails while the target answers is a finding, not a flaw of the path: the target lets in
    // no new connection. But a name that has moved behind Cloudflare, by the marks of its answers, is out of reach for good.
    const proven = isIn || (channel.proven && !channel.edge);
    const misses = isIn ? 0 : channel.misses + 1;
    const hits = Math.min(LEARNT_HITS, channel.hits + (isIn ? 1 : 0));
    this.keep(key, { ...channel, proven, checkedAt: now, misses, hits });
  }

  /** The target proved alive by an answer with or without the marks of Cloudflare's proxy. */
  learnEdge(key: string, edge: boolean): void {
    const channel = this.known.get(key) ?? NEW;
    if (channel.edge !== edge) this.keep(key, { ...channel, edge });
  }

  /** How bare connections to this address usually end. */
  habit(key: string): Habit | undefined {
    return this.known.get(key)?.habit;
  }

  /** A bare connection to this address has ended in this manner. */
  learnManner(key: string, manner: Manner): void {
    const channel = this.known.get(key) ?? NEW;
    this.keep(key, { ...channel, habit: withManner(channel.habit, manner) });
  }

  private keep(key: string, channel: Channel): void {
    this.known.delete(key);
    this.known.set(key, channel);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_CHANNELS) break;
      this.known.delete(oldest);
    }
  }
}

/** The memory kept over a restart. Another version of this code may have left another form; then everything is learnt anew. */
export const channelsIn = (memory: string): Channels => {
  try {
    return new Channels(JSON.parse(memory) as [string, Channel][]);
  } catch {
    return new Channels();
  }
};
