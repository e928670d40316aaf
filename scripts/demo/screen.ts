// What the demo prints: colours and a moving line on a terminal, plain lines elsewhere.

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 120;
/** How often a plain log says that it still waits. */
const PLAIN_MS = 5_000;

const moving = process.stdout.isTTY === true;
const coloured = moving && (process.env["NO_COLOR"] ?? "") === "";
const paint =
  (code: number) =>
  (text: string): string =>
    coloured ? `\u001b[${code}m${text}\u001b[0m` : text;

export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);

export const print = (line = ""): void => {
  process.stdout.write(`${line}\n`);
};

/** Shows that something is being waited for, and for how long, until `work` is done. */
export const showing = async <T>(now: () => string, work: Promise<T>): Promise<T> => {
  const begin = performance.now();
  let frame = 0;
  const line = (): string => `${now()} ${((performance.now() - begin) / 1_000).toFixed(1)} s`;
  const timer = setInterval(
    () => {
      if (moving)
        process.stdout.write(`\r\u001b[2K      ${dim(`${FRAMES[frame++ % FRAMES.length]} ${line()}`)}`);
      else print(`      … ${line()}`);
    },
    moving ? FRAME_MS : PLAIN_MS,
  );
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (moving) process.stdout.write("\r\u001b[2K");
  }
};

/** Rows as columns of equal width; `mark` colours a whole row after it has been padded. */
export const printTable = (
  head: string[],
  rows: { cells: string[]; mark: (text: string) => string }[],
): void => {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const align = (cells: string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  print(bold(align(head)));
  print(dim(widths.map((width) => "─".repeat(width)).join("  ")));
  for (const { cells, mark } of rows) print(mark(align(cells)));
};
