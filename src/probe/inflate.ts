import { Basin } from "./body.ts";

const ignore = (): void => undefined;

/** Content codings (RFC 9110, 8.4.1) by the name that `DecompressionStream` has for them on Workers and on Node alike. */
const FORMATS: Partial<Record<string, "gzip" | "deflate">> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
};

/**
 * The first bytes of what was compressed, as many as are kept of an answer: of what is cut short as much as can be had, and never more than
 * a bomb of that size unfolds to. The bytes themselves where the coding is none, or none that is known here.
 */
export const inflated = async (bytes: Uint8Array, coding: string | null): Promise<Uint8Array> => {
  const format = FORMATS[coding?.trim().toLowerCase() ?? ""];
  if (format === undefined) return bytes;
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  writer.write(bytes.slice()).catch(ignore);
  writer.close().catch(ignore);
  const reader = stream.readable.getReader();
  const basin = new Basin();
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one piece after the other
      const { done, value } = await reader.read();
      if (done) break;
      basin.add(value);
      if (basin.overflowed) break;
    }
  } catch {
    // Cut short, or no such coding: what came before is all there is.
  } finally {
    reader.cancel().catch(ignore);
  }
  return basin.bytes;
};
