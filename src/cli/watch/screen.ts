import type { Size } from "./table.ts";

/** The part of a terminal that is used; `process.stdout` is one. */
export interface Terminal {
  columns?: number;
  rows?: number;
  write: (text: string) => unknown;
  on: (event: "resize", listener: () => void) => unknown;
}

const ESC = "\u001b[";
/** Switches to the second screen, without cursor and wrapping. The first screen stays unchanged. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l`;
const LEAVE = `${ESC}?7h${ESC}?25h${ESC}?1049l`;
const HOME = `${ESC}H`;
const CLEAR_LINE_END = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/** A terminal's second screen, redrawn as a whole without flicker. */
export class Screen {
  readonly #terminal: Terminal;
  #isOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get size(): Size {
    return { columns: this.#terminal.columns || 80, rows: this.#terminal.rows || 24 };
  }

  /** `redraw` is called when the size has changed. */
  open(redraw: () => void): void {
    this.#isOpen = true;
    this.#terminal.write(ENTER);
    this.#terminal.on("resize", () => (this.#isOpen ? redraw() : undefined));
  }

  draw(lines: string[]): void {
    if (!this.#isOpen) return;
    const text = lines.map((line) => `${line}${CLEAR_LINE_END}`).join("\r\n");
    this.#terminal.write(`${HOME}${text}${CLEAR_BELOW}`);
  }

  /** Gives the terminal back; a second time does nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#terminal.write(LEAVE);
  }
}
