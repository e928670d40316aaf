import { Flaw, type Reader } from "./body.ts";

const ignore = (): void => undefined;

/** Content codings (RFC 9110, 8.4.1), by what `DecompressionStream` calls them. */
const FORMATS: Partial<Record<string, string>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "brotli",
};
/** More than two on top of each other is nobody's page. */
const MAX_CODINGS = 2;
/**
 * What is given to a decoder at once: the most it unfolds to is held in memory. Deflate makes 1,032 bytes of one, at best, so this is
 * half a megabyte.
 */
const SLICE_BYTES = 512;

/** The codings of this header, as they were applied; `identity` is none. */
export const codingsOf = (contentEncoding: string | null): string[] =>
  (contentEncoding ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");

/** The types of the platforms do not know all formats that the platforms do. */
const decoderOf = (format: string): DecompressionStream => new DecompressionStream(format as "gzip");

const formatOf = (coding: string): string | undefined => {
  const format = FORMATS[coding];
  if (format === undefined) return undefined;
  try {
    decoderOf(format);
    return format;
  } catch {
    // Older than this coding.
    return undefined;
  }
};

/** What of these codings cannot be undone here; undefined where all can. */
export const undecodable = (codings: readonly string[]): string | undefined =>
  codings.length > MAX_CODINGS
    ? codings.join(", ")
    : codings.find((coding) => formatOf(coding) === undefined);

/** The body without these codings, which can all be undone. */
export const decoded = (body: Reader, codings: readonly string[]): Reader =>
  codings.toReversed().reduce<Reader>((inner, coding) => new Decoding(inner, coding), body);

interface Decoder {
  reader: ReadableStreamDefaultReader<Uint8Array>;
  writer: { write(bytes: Uint8Array): Promise<void>; close(): Promise<void> };
}

/**
 * The bytes of one coding undone. Workers' decoder takes whatever it is given and unfolds it at once, whether anybody reads or not, so
 * it is given a slice at a time, and that only while a reader waits.
 */
class Decoding implements Reader {
  private readonly source: Reader;
  private readonly coding: string;
  private opened: Promise<Decoder> | undefined;
  /** Taken of the source and not yet given to the decoder; undefined once the source has ended. */
  private rest: Uint8Array | undefined;
  /** A reader waits for a piece. */
  private waits = false;
  private feeds = false;
  /** How the source broke off. */
  private broken: { error: unknown } | undefined;

  constructor(source: Reader, coding: string) {
    this.source = source;
    this.coding = coding;
  }

  async read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
    this.opened ??= this.open();
    const decoder = await this.opened;
    const piece = await this.fed(decoder).catch(() =>
      // What was cut short is no whole coding either, and only because of that.
      Promise.reject(this.broken?.error ?? new Flaw(`bad ${this.coding}`)),
    );
    if (piece.done && this.broken !== undefined) throw this.broken.error;
    return piece;
  }

  async cancel(): Promise<unknown> {
    this.opened?.then(({ reader }) => reader.cancel(), ignore).catch(ignore);
    return this.source.cancel();
  }

  private async open(): Promise<Decoder> {
    this.rest = await this.some();
    if (this.rest === undefined) throw new Flaw(`bad ${this.coding}`);
    const { readable, writable } = decoderOf(this.formatFor(this.rest));
    const writer = writable.getWriter();
    writer.closed.catch(ignore);
    return { reader: readable.getReader(), writer };
  }

  /** The decoder's next piece, for which it is given as much as that takes. */
  private fed({ reader, writer }: Decoder): ReturnType<Reader["read"]> {
    this.waits = true;
    const piece = reader.read().finally(() => {
      this.waits = false;
    });
    if (!this.feeds) this.feed(writer).catch(ignore);
    return piece;
  }

  /** Apart from who reads, for a piece may come while the source is silent. */
  private async feed(writer: Decoder["writer"]): Promise<void> {
    this.feeds = true;
    await nextTurn();
    while (this.waits && this.rest !== undefined) {
      const slice = this.rest.slice(0, SLICE_BYTES);
      this.rest = this.rest.subarray(SLICE_BYTES);
      // It may not be taken before it is read: not waited for.
      if (slice.length > 0) writer.write(slice).catch(ignore);
      // oxlint-disable-next-line no-await-in-loop -- no more than it takes
      await (slice.length > 0 ? nextTurn() : this.refill(writer));
    }
    this.feeds = false;
  }

  private async refill(writer: Decoder["writer"]): Promise<void> {
    try {
      this.rest = await this.some();
    } catch (error) {
      this.broken = { error };
      this.rest = undefined;
    }
    // Where the source broke off as well: what came of it is read first.
    if (this.rest === undefined) writer.close().catch(ignore);
  }

  /** The next bytes that are not none; undefined at the end. */
  private async some(): Promise<Uint8Array | undefined> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one piece after the other
      const { done, value } = await this.source.read();
      if (done) return undefined;
      if (value !== undefined && value.length > 0) return value;
    }
  }

  /** Some servers send deflate without the frame it should have (RFC 9110, 8.4.1.2), which a browser takes as well. */
  private formatFor(first: Uint8Array): string {
    const format = FORMATS[this.coding] ?? this.coding;
    const isFramed = ((first[0] ?? 0) & 0x0f) === 8;
    return format === "deflate" && !isFramed ? "deflate-raw" : format;
  }
}

/** Lets a decoder work off what it was given. */
const nextTurn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));
