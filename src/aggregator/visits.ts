/** Distinguishes remote vantages that run as a service from vantages that were only tried once. */
import type { Catalogue } from "./store/catalogue.ts";

/** A running vantage asks what to do at least every 55 s. A vantage that has not asked for longer than this counts as new. */
const APART_MS = 90_000;
/** A vantage that looks once is done within this time, its greeting and its reports included. */
const ONCE_MS = 30_000;
const STAYED = "stayed";

/**
 * A vantage that asks again and again runs as a service, and its silence is reported. A vantage that looked once and left was only tried,
 * and its silence is not reported. The way they ask distinguishes the two, because an old program does not say which it is.
 */
export class Visits {
  readonly #catalogue: Catalogue;
  readonly #visits = new Map<string, { since: number; at: number }>();
  readonly #remote: () => readonly string[];
  #stayed: readonly string[];

  /** `remote`: ids of the remote vantages. */
  constructor(catalogue: Catalogue, remote: () => readonly string[]) {
    this.#catalogue = catalogue;
    this.#remote = remote;
    this.#stayed = JSON.parse(catalogue.fact(STAYED) ?? "[]") as string[];
  }

  /** The vantage has asked or reported something at `now`, epoch milliseconds. */
  note(vantage: string, now: number): void {
    const before = this.#visits.get(vantage);
    const isSame = before !== undefined && now >= before.at && now - before.at < APART_MS;
    const since = isSame ? before.since : now;
    this.#visits.set(vantage, { since, at: now });
    if (now - since <= ONCE_MS || this.#stayed.includes(vantage)) return;
    const known = this.#remote();
    this.#stayed = [...this.#stayed, vantage].filter((id) => known.includes(id));
    this.#catalogue.setFact(STAYED, JSON.stringify(this.#stayed));
  }

  /** Remote vantages that were only tried: nobody waits for them. */
  get tried(): ReadonlySet<string> {
    return new Set(this.#remote().filter((id) => !this.#stayed.includes(id)));
  }
}
