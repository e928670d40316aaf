import { decodeReading, type Reading } from "../../domain/reading.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";

/** A reading as an isolate keeps it: how old it is, and parsed at most once. */
export class CachedReading implements Reading {
  readonly etag: string;
  readonly rehearsal: boolean;
  readonly json: string;
  /** When the isolate asked for it, epoch milliseconds. Its content is no older. */
  readonly askedAt: number;
  readonly #text: string;
  #answer: VerdictAnswer | undefined;

  /** `before`: the reading kept of the same target, whose parsed answer is used again where the text is the same. */
  constructor(text: string, askedAt: number, before?: CachedReading) {
    const { etag, rehearsal, json } = decodeReading(text);
    this.#text = text;
    this.etag = etag;
    this.rehearsal = rehearsal;
    this.json = json;
    this.askedAt = askedAt;
    if (before !== undefined && before.#text === text) this.#answer = before.#answer;
  }

  /** Whether it was made from this very reading, as it is for all requests that share a call except the first. */
  is(text: string, askedAt: number): boolean {
    return this.askedAt === askedAt && this.#text === text;
  }

  /** Shared by all its readers, so it must never be changed. Throws where the text is not JSON. */
  get answer(): VerdictAnswer {
    return (this.#answer ??= JSON.parse(this.json) as VerdictAnswer);
  }
}
