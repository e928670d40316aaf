import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { ownOf } from "../domain/own.ts";
import { COMPLETE_LIMIT, BodyFlaw, type BodyReader } from "./response-body.ts";
import { joined } from "./bytes.ts";

/** Decoders of content codings (RFC 9110, 8.4.1), by the first byte. Platforms have brotli here alone, not in `DecompressionStream`. */
const DECODERS: Partial<Record<string, (first: number) => Decoder>> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  // Some servers send deflate without the frame that it should have; browsers accept that as well.
  deflate: (first) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
};
type Decoder = ReturnType<typeof createGunzip>;

/** No real page has more than two codings on top of each other. */
const MAX_CODINGS = 2;
/** A decoder gets no more at once, since Workers' decoders unfold all of their input at once: of gzip, half a megabyte at most. */
const SLICE_BYTES = 512;

/** The codings of this header, in the order in which they were applied; `identity` is not one. */
export const codingsOf = (contentEncoding: string | null): string[] =>
  (contentEncoding ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");

/** The codings that cannot be undone here; undefined where all can. */
export const undecodable = (codings: readonly string[]): string | undefined =>
  codings.length > MAX_CODINGS
    ? codings.join(", ")
    : codings.find((coding) => ownOf(DECODERS, coding) === undefined);

/** The body without these codings. All of them must be known here. */
export const decoded = (body: BodyReader, codings: readonly string[]): BodyReader =>
  codings.toReversed().reduce<BodyReader>((inner, coding) => new Decoding(inner, coding), body);

/** Undoes one coding, a slice at a time and no faster than the caller reads. */
class Decoding implements BodyReader {
  private readonly source: BodyReader;
  private readonly coding: string;
  private decoder: Decoder | undefined;
  private state: "open" | "ended" | "failed" = "open";
  /** Decoded, and not yet read by the caller. */
  private pieces: Uint8Array[] = [];
  private unfolded = 0;
  /** Read from the source, and not yet given to the decoder. */
  private rest: Uint8Array = new Uint8Array();
  /** How the source broke off. */
  private broken: { error: unknown } | undefined;
  private wake: () => void = () => undefined;

  constructor(source: BodyReader, coding: string) {
    this.source = source;
    this.coding = coding;
  }

  async read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
    for (;;) {
      const value = joined(this.pieces);
      this.pieces = [];
      if (value.length > 0) return { done: false, value };
      // A body that was cut short fails to decode only because it was cut: the source's error is the cause.
      if (this.state !== "open" && this.broken !== undefined) throw this.broken.error;
      if (this.state === "failed") throw new BodyFlaw(`bad ${this.coding}`);
      if (this.state === "ended") return { done: true };
      // oxlint-disable-next-line no-await-in-loop -- no more than it takes
      await this.advance();
    }
  }

  async cancel(): Promise<unknown> {
    this.decoder?.destroy();
    return this.source.cancel();
  }

  /** Gives the decoder one slice, or the end, and waits until the decoder has processed it. */
  private async advance(): Promise<void> {
    if (this.rest.length === 0) this.rest = (await this.next()) ?? new Uint8Array();
    const slice = this.rest.subarray(0, SLICE_BYTES);
    this.rest = this.rest.subarray(SLICE_BYTES);
    this.decoder ??= this.open(slice[0]);
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (slice.length === 0) this.decoder?.end();
      else this.decoder?.write(slice, () => resolve());
    });
    // The decoder hands over its last bytes a moment later.
    await nextTurn();
  }

  /** The next piece that is not empty; undefined at the end, also where the source breaks off: what came before is read first. */
  private async next(): Promise<Uint8Array | undefined> {
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- one piece after the other
        const { done, value } = await this.source.read();
        if (done) return undefined;
        if (value !== undefined && value.length > 0) return value;
      }
    } catch (error) {
      this.broken = { error };
      return undefined;
    }
  }

  private open(first: number | undefined): Decoder {
    const decoder = (ownOf(DECODERS, this.coding) ?? createGunzip)(first ?? 0);
    const settle = (state: "ended" | "failed"): void => {
      if (this.state === "open") this.state = state;
      this.wake();
    };
    decoder.on("end", () => settle(first === undefined ? "failed" : "ended"));
    decoder.on("error", () => settle("failed"));
    decoder.on("data", (data: Uint8Array) => {
      this.pieces.push(data);
      this.unfolded += data.length;
      if (this.unfolded <= COMPLETE_LIMIT) return;
      // No body is read further than this. Ten bytes of brotli can be sixteen megabytes, so the slice is not waited for.
      decoder.destroy();
      settle("failed");
    });
    return decoder;
  }
}

/** Lets a decoder hand over its output. */
const nextTurn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));
