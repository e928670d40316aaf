import type { AnswerHead } from "./judged-answer.ts";
import { BodyFlaw, type BodyReader } from "./response-body.ts";
import { joined } from "./bytes.ts";
import { codingsOf } from "./coding.ts";
import { HttpAnswer } from "./http-answer.ts";

/** The bytes that came are not HTTP. */
export class Garbled extends Error {}

/** An answer on its way in from a socket: its head, and then its body as a reader of its own. */
export class Incoming implements BodyReader {
  private readonly source: BodyReader;
  private pieces: Uint8Array[] = [];
  private readonly answer = new HttpAnswer((data) => void this.pieces.push(data));

  constructor(source: BodyReader) {
    this.source = source;
  }

  /** Whether any bytes of an answer came. */
  get begun(): boolean {
    return this.answer.begun;
  }

  /** The answer's head, and its body unless it can have none; rejects with `Garbled`, or as the connection does. */
  async begin(): Promise<Omit<AnswerHead, "isProxied">> {
    for (;;) {
      const { head } = this.answer;
      if (head !== undefined) {
        const { status, fields, ends } = head;
        const isEmpty = ends.by === "length" && ends.length === 0;
        return {
          status,
          fields,
          body: isEmpty ? null : this,
          codings: codingsOf(fields.get("content-encoding")),
        };
      }
      if (this.answer.state === "garbage") throw new Garbled(this.answer.flaw);
      // oxlint-disable-next-line no-await-in-loop -- one piece after the other
      if (await this.advance())
        throw new BodyFlaw(this.begun ? "broke off inside the headers" : "closed without an answer");
    }
  }

  /** The body's next bytes; rejects where it breaks off, but not before all that came was read. */
  async read(): Promise<{ done: boolean; value?: Uint8Array }> {
    for (;;) {
      // All pieces in one, since chunks of a byte are not worth a turn each.
      const value = joined(this.pieces);
      this.pieces = [];
      if (value.length > 0) return { done: false, value };
      if (this.answer.state === "complete") return { done: true };
      if (this.answer.state === "garbage") throw new BodyFlaw(this.answer.flaw);
      // oxlint-disable-next-line no-await-in-loop -- one piece after the other
      if ((await this.advance()) && this.answer.state === "body") throw new BodyFlaw("closed");
    }
  }

  cancel(): Promise<unknown> {
    return this.source.cancel();
  }

  /** Whether the connection has ended. */
  private async advance(): Promise<boolean> {
    const { done, value } = await this.source.read();
    if (value !== undefined) this.answer.push(value);
    if (done) this.answer.end();
    return done;
  }
}
