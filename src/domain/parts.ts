/** A stored row may hold 2 MB, which includes more than the text. */
const ROW_BYTES = 1_900_000;
/** A larger text is cut into parts of this many characters, each of which may take 3 bytes. */
const PART_CHARACTERS = 600_000;
const BYTES_PER_CHARACTER = 3;

const fitsOneRow = (text: string): boolean =>
  text.length * BYTES_PER_CHARACTER <= ROW_BYTES ||
  (text.length <= ROW_BYTES && new TextEncoder().encode(text).length <= ROW_BYTES);

/** Half of a surrogate pair is not a text, and would come back as another character. */
const isHalf = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code <= 0xdbff;
};

/** A text in parts that each fit into one row: a single part if possible, and never none. Joined, the parts are the text again. */
export const partsOf = (text: string): string[] => {
  if (fitsOneRow(text)) return [text];
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    const end = Math.min(text.length, from + PART_CHARACTERS);
    const to = end < text.length && isHalf(text, end) ? end - 1 : end;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
};
