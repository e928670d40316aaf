/** Answers about targets, ready to be sent, for as long as nothing has changed them. */
import type { Told } from "../domain/go-ahead.ts";
import { hash } from "../domain/hash.ts";
import { encodeReading } from "../domain/reading.ts";
import { answerOf } from "../verdict/answer.ts";
import type { ShardState } from "../verdict/memory/state.ts";
import { TUNING } from "../verdict/tuning.ts";

export class Readings {
  readonly #toldOf: (key: string, sequence: number) => Told[];
  readonly #made = new Map<string, { text: string; holdsUntil: number }>();

  /** `toldOf`: which automation was told to go ahead for a sequence of a target. */
  constructor(toldOf: (key: string, sequence: number) => Told[]) {
    this.#toldOf = toldOf;
  }

  /** The answer about a target at `now` (epoch milliseconds), as `encodeReading` writes it; null where there is none. */
  of(ledger: { state: ShardState }, key: string, now: number): string | null {
    const made = this.#made.get(key);
    if (made !== undefined && now <= made.holdsUntil) return made.text;
    const answered = answerOf(ledger.state, key, now, TUNING);
    if (answered === null) return null;
    const { answer, holdsUntil, rehearsal } = answered;
    const json = JSON.stringify({ ...answer, told: this.#toldOf(key, answer.sequence) });
    // Over all of it: evidence that arrives late changes the answer and not its `asOf`.
    const etag = `"${answer.sequence}-${hash(json).toString(36)}"`;
    const text = encodeReading({ etag, rehearsal, json });
    this.#made.set(key, { text, holdsUntil });
    return text;
  }

  /** What was answered about this target may be otherwise now. */
  forget(key: string): void {
    this.#made.delete(key);
  }

  /** Whatever was answered may be otherwise now. */
  clear(): void {
    this.#made.clear();
  }
}
