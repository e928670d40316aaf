/** Remote vantages that come and stay, and those that were tried once. */
import type { Catalogue } from "./store/catalogue.ts";

/** One that runs asks what to do at least every 55 s; who has not asked for longer comes anew. */
const APART_MS = 90_000;
/** One that looks once has done so within this time, its greeting and its reports included. */
const ONCE_MS = 30_000;
const STAYED = "stayed";

/**
 * A vantage that asks again and again runs as a service, and its silence is reported. A vantage that looked once and left was
 * only tried, and its silence is not. We tell the two apart by how they ask, because an old program does not say which it is.
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

  /** The vantage has asked or told something at `now`, epoch milliseconds. */
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

  /** Remote vantages that nobody waits for. */
  get tried(): ReadonlySet<string> {
    return new Set(this.#remote().filter((id) => !this.#stayed.includes(id)));
  }
}
