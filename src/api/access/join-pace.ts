import { ageMs } from "../aggregators/age.ts";
import { Memory } from "../aggregators/reading-cache.ts";

/** A client may ask an isolate about a code that is over once a second, as often as about texts that may be tokens. */
const PAUSE_MS = 1_000;
const MAX_REMEMBERED = 1_000;

/** Codes that were refused a moment ago, by their hash. */
export class RefusedCodes {
  readonly #at = new Memory<number>(MAX_REMEMBERED);

  isRecent(hash: string): boolean {
    const at = this.#at.recall(hash);
    return at !== undefined && ageMs(at) < PAUSE_MS;
  }

  note(hash: string): void {
    this.#at.forget(hash);
    this.#at.remember(hash, Date.now());
  }
}
