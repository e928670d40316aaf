const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;

/** A mark at the beginning takes precedence over the header (WHATWG Encoding, "decode"). */
const MARKS: readonly [label: string, mark: readonly number[]][] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16be", [0xfe, 0xff]],
  ["utf-16le", [0xff, 0xfe]],
];

const decoderFor = (label: string): { decode(bytes: Uint8Array): string } | undefined => {
  try {
    return new TextDecoder(label, { fatal: false, ignoreBOM: true });
  } catch {
    return undefined;
  }
};

/** Whether the bytes, in the character set of this Content-Type, contain the text; UTF-8 where it names none, or an unknown one. */
export const includes = (bytes: Uint8Array, text: string, contentType: string | null = null): boolean => {
  const marked = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte))?.[0];
  const decoder =
    decoderFor(marked ?? CHARSET.exec(contentType ?? "")?.[1] ?? "utf-8") ?? decoderFor("utf-8");
  return decoder?.decode(bytes).includes(text) ?? false;
};
