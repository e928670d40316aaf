import { ageMs } from "../aggregators/age.ts";

/** A client may ask about a code that is over once a second of an isolate, as often as about texts that may be tokens. */
const PAUSE_MS = 1_000;
const MAX_REMEMBERED = 1_000;

/** Codes that were refused a moment ago, by their hash. */
export class RefusedCodes {
  readonly #at = new Map<string, number>();

  isRecent(hash: string): boolean {
    const at = this.#at.get(hash);
    return at !== undefined && ageMs(at) < PAUSE_MS;
  }

  note(hash: string): void {
    this.#at.delete(hash);
    this.#at.set(hash, Date.now());
    if (this.#at.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#at.keys();
    if (oldest !== undefined) this.#at.delete(oldest);
  }
}
