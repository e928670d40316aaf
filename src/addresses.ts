import { isLiteralAddress } from "./domain/address.ts";
import { attempt } from "./probe/deadline.ts";

/** How long the addresses of a name are used: a name that moves is followed within two intervals of most targets. */
const KEPT_MS = 20_000;
/** How long a look waits for the name servers before it goes by the addresses that were known before. */
const WAIT_MS = 500;
const NAMES_MAX = 4_000;

interface Known {
  addresses: readonly string[];
  until: number;
}

/** The addresses of names, which `connect()` and `fetch` do not reveal. */
export class Addresses {
  readonly #resolve: (host: string) => Promise<readonly string[]>;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #asked = new Map<string, Promise<void>>();

  constructor(resolve: (host: string) => Promise<readonly string[]>, now: () => number) {
    this.#resolve = resolve;
    this.#now = now;
  }

  /**
   * Never rejects. A literal address is its own; empty where the name has none; undefined where no resolver has ever answered. An old entry
   * is looked up anew before it is used, since the name may lead to another place by now.
   */
  async of(host: string, waitMs = WAIT_MS): Promise<readonly string[] | undefined> {
    if (isLiteralAddress(host)) return [host];
    const known = this.#known.get(host);
    if (known === undefined || known.until <= this.#now()) await attempt(this.#ask(host), waitMs);
    return this.#known.get(host)?.addresses;
  }

  /** None of the addresses has answered: they are looked up anew at the next look. */
  doubt(host: string): void {
    const known = this.#known.get(host);
    if (known !== undefined) known.until = 0;
  }

  #ask(host: string): Promise<void> {
    const asked = this.#asked.get(host) ?? this.#learn(host);
    this.#asked.set(host, asked);
    return asked;
  }

  async #learn(host: string): Promise<void> {
    try {
      this.#keep(host, await this.#resolve(host));
    } catch {
      // The known addresses stay: a name server in trouble moves no host.
      const known = this.#known.get(host);
      if (known !== undefined) this.#keep(host, known.addresses);
    } finally {
      this.#asked.delete(host);
    }
  }

  #keep(host: string, addresses: readonly string[]): void {
    this.#known.delete(host);
    this.#known.set(host, { addresses, until: this.#now() + KEPT_MS });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= NAMES_MAX) break;
      this.#known.delete(oldest);
    }
  }
}
