/** Markdown as the formatter leaves it, so that what is written here passes the format check unchanged. */

const LEAST_WIDTH = 3;

/** How wide a cell is on the page: characters, not UTF-16 units. */
const widthOf = (cell: string): number => Array.from(cell).length;

/** A table whose columns are text, or, named in `numbers`, aligned right; the first row is the header. */
export const tableLines = (
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<number> = new Set(),
): string[] => {
  const [header = [], ...body] = rows;
  const widths = header.map((_, column) =>
    Math.max(LEAST_WIDTH, ...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const lineOf = (row: readonly string[]): string => {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? "";
      const gap = " ".repeat(width - widthOf(cell));
      return numbers.has(column) ? gap + cell : cell + gap;
    });
    return `| ${cells.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    numbers.has(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [lineOf(header), `| ${rule.join(" | ")} |`, ...body.map(lineOf)];
};

/** All columns but the first `texts`, as numbers for `tableLines`. */
export const numbersFrom = (texts: number, columns: number): Set<number> =>
  new Set(Array.from({ length: columns - texts }, (_, index) => texts + index));

/** Blocks with one empty line between them. */
export const joined = (blocks: readonly (string | readonly string[])[]): string =>
  `${blocks.map((block) => (typeof block === "string" ? block : block.join("\n"))).join("\n\n")}\n`;

/** A command to be copied, on a line of its own. */
export const command = (...lines: string[]): string => ["```sh", ...lines, "```"].join("\n");
