/** What has been tried, a line each, so that an audit that was stopped goes on where it was. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Trial } from "./change.ts";

/** What became of one trial. */
export interface Result {
  kind: Trial["kind"];
  name: string;
  to: number | null;
  /** The first test that noticed; null: none did. */
  test: string | null;
  /** Claims no longer reached; null: not measured. */
  claims: string[] | null;
  /** Whether any run of the claims went otherwise than with the judge as it is; null: not measured. */
  differs: boolean | null;
  /** Processor time of both, in seconds. */
  cpuS: [number, number];
}

export const idOf = ({ kind, name, to }: Pick<Result, "kind" | "name" | "to">): string =>
  `${kind} ${name} ${to}`;

/** Null of a line that was cut off. */
const readLine = (line: string): Result | null => {
  try {
    return JSON.parse(line) as Result;
  } catch {
    return null;
  }
};

export class KeptResults {
  readonly #path: string;
  readonly #known = new Map<string, Result>();

  constructor(path: string) {
    this.#path = path;
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const result = readLine(line);
      if (result !== null) this.#known.set(idOf(result), result);
    }
  }

  of(trial: Trial): Result | undefined {
    return this.#known.get(idOf(trial));
  }

  add(result: Result): Result {
    this.#known.set(idOf(result), result);
    appendFileSync(this.#path, `\n${JSON.stringify(result)}`);
    return result;
  }
}
