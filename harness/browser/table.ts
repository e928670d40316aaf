/** What was proven and what was not: a row each, printed once its proof ends. */

export interface Row {
  /** The state of the page, or the action on it. */
  part: string;
  /** What must hold, in words. */
  what: string;
  /** What was wrong; empty if nothing was. */
  wrong: string;
  /** Measurements made on the way. */
  note: string;
  seconds: number;
}

const LINES = 3;
const CHARACTERS = 400;

/** The first lines of a failure: a browser's message goes on with a log of all attempts. */
export const firstOf = (message: string): string =>
  message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "Call log:")
    .slice(0, LINES)
    .join("; ")
    .slice(0, CHARACTERS);

export const asText = ({ part, what, wrong, note, seconds }: Row): string => {
  const right = note === "" ? "right" : `right: ${note}`;
  return `${part.padEnd(9)} ${what.padEnd(52)} ${seconds.toFixed(1).padStart(5)} s  ${wrong === "" ? right : `WRONG: ${wrong}`}`;
};

export class Table {
  readonly rows: Row[] = [];
  readonly #tell: (line: string) => void;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** Runs a proof: it resolves with its measurement, if any, or throws what is wrong. Never rejects. */
  async prove(part: string, what: string, proof: () => Promise<string | void>): Promise<void> {
    const begin = performance.now();
    let [note, wrong] = ["", ""];
    try {
      note = (await proof()) ?? "";
    } catch (error) {
      wrong = firstOf(error instanceof Error ? error.message : String(error)) || "failed";
    }
    const row = { part, what, wrong, note, seconds: (performance.now() - begin) / 1_000 };
    this.rows.push(row);
    this.#tell(asText(row));
  }

  get right(): number {
    return this.rows.filter(({ wrong }) => wrong === "").length;
  }
}
