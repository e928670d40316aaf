/** Ready-made answers about targets, kept for as long as nothing has changed them. */
import { shownMute } from "../domain/mute.ts";
import { hash } from "../domain/hash.ts";
import { encodeReading } from "../domain/reading.ts";
import { answerOf } from "../verdict/verdict-answer.ts";
import type { ShardState } from "../verdict/memory/judge-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import type { GoAheadTable } from "./store/go-ahead-table.ts";
import type { MuteTable } from "./store/mute-table.ts";

export class Readings {
  readonly #goAheads: GoAheadTable;
  readonly #mutes: MuteTable;
  readonly #made = new Map<string, { text: string; holdsUntil: number }>();

  constructor(goAheads: GoAheadTable, mutes: MuteTable) {
    this.#goAheads = goAheads;
    this.#mutes = mutes;
  }

  /** The answer about a target at `now` (epoch milliseconds), as `encodeReading` writes it; null where there is none. */
  of(ledger: { state: ShardState }, key: string, now: number): string | null {
    const made = this.#made.get(key);
    if (made !== undefined && now <= made.holdsUntil) return made.text;
    const answered = answerOf(ledger.state, key, now, TUNING);
    if (answered === null) return null;
    const { answer, holdsUntil, rehearsal } = answered;
    const mute = this.#mutes.of(key, now);
    const muted = mute === null ? null : shownMute(mute);
    const json = JSON.stringify({ ...answer, muted, told: this.#goAheads.of(key, answer.sequence) });
    // The hash covers the whole answer: late evidence changes the answer and not its `asOf`.
    const etag = `"${answer.sequence}-${hash(json).toString(36)}"`;
    const text = encodeReading({ etag, rehearsal, json });
    // A mute does not hold at the instant of its end any more.
    this.#made.set(key, { text, holdsUntil: Math.min(holdsUntil, (mute?.until ?? Infinity) - 1) });
    return text;
  }

  /** Drops the answer about this target, which may have changed. */
  forget(key: string): void {
    this.#made.delete(key);
  }

  /** Drops all answers, which may have changed. */
  clear(): void {
    this.#made.clear();
  }
}
