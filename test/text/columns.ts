/** Rows of cells formatted as columns, for a terminal and for a page. */

type Lines = readonly (readonly string[])[];

/** How wide each column of the first row has to be. */
const widthsOf = (lines: Lines, least = 0): number[] =>
  (lines[0] ?? []).map((_, column) => Math.max(least, ...lines.map((line) => line[column]?.length ?? 0)));

/** Lines of columns of equal width: the first `left` begin at the left, the others end at the right. */
export const asColumns = (lines: Lines, left = Infinity): string[] => {
  const widths = widthsOf(lines);
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < left ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
};

/** A table in Markdown, with columns as the formatter wants them. The first line is the table's head. */
export const asMarkdown = (lines: Lines): string[] => {
  const widths = widthsOf(lines, 3);
  const [head = [], ...rest] = lines.map((line) =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0)),
  );
  return [head, widths.map((width) => "-".repeat(width)), ...rest].map((cells) => `| ${cells.join(" | ")} |`);
};
