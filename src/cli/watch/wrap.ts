/** A text within a width in characters, cut off with a mark. */
export const cut = (text: string, columns: number): string => {
  const characters = Array.from(text);
  if (characters.length <= columns) return text;
  return columns < 1 ? "" : `${characters.slice(0, columns - 1).join("")}…`;
};

/** A word in parts of at most `columns` characters. */
const broken = (word: string, columns: number): string[] => {
  const characters = Array.from(word);
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += columns)
    parts.push(characters.slice(at, at + columns).join(""));
  return parts;
};

/** A text as lines of at most `columns` characters (at least one), broken between words. Longer words are broken within. */
export const wrapped = (text: string, columns: number): string[] => {
  const width = Math.max(1, columns);
  const lines: string[] = [];
  let line = "";
  for (const part of text.split(" ").flatMap((word) => broken(word, width))) {
    const longer = line === "" ? part : `${line} ${part}`;
    if (Array.from(longer).length <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = part;
  }
  return line === "" ? lines : [...lines, line];
};
