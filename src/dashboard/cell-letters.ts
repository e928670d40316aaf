import type { Cell } from "../domain/matrix.ts";
import type { Outcome } from "../domain/outcome.ts";

/** How a cell shows an outcome other than `ok`, and its text for people. The letter distinguishes outcomes without any colour. */
export const OUTCOMES: Record<Exclude<Outcome, "ok">, { letter: string; words: string }> = {
  refused: { letter: "R", words: "refused: the host rejects the connection" },
  connect_timeout: { letter: "T", words: "timed out: silence before a connection opened" },
  response_timeout: { letter: "W", words: "waited in vain: connected, then silence" },
  reset: { letter: "X", words: "broken off: connected, then closed before a full answer" },
  app_error: { letter: "E", words: "wrong answer: not what is expected of it" },
  tls_failure: { letter: "S", words: "TLS failed: no secure connection" },
  dns_failure: { letter: "N", words: "name not found: DNS failed" },
  blocked: { letter: "B", words: "blocked: the platform does not carry this look, so it proves nothing" },
  pending: { letter: "P", words: "still waiting: silent so far" },
};

/** The text of an outcome for people. */
export const outcomeWords = (outcome: Outcome): string =>
  outcome === "ok" ? "answered" : OUTCOMES[outcome].words;

/** The outcome that each letter stands for. */
export const LETTERS: Record<string, Outcome> = Object.fromEntries(
  Object.entries(OUTCOMES).map(([outcome, { letter }]) => [letter, outcome as Outcome]),
);

/** An outcome as a cell shows it. */
export const cellFor = (outcome: Outcome, totalMs: number): Exclude<Cell, null> =>
  outcome === "ok" ? Math.round(totalMs) : OUTCOMES[outcome].letter;

/** The parts of a cell. */
export interface ReadCell {
  kind: "ok" | "bad" | "uncounted" | "none";
  /** The text in the cell. */
  text: string;
  /** The outcome, where the cell shows it. */
  outcome: Outcome | null;
}

const NOT_LOOKED: ReadCell = { kind: "none", text: "·", outcome: null };

/** Reads a cell. */
export const readCell = (cell: Cell): ReadCell => {
  if (cell === null) return NOT_LOOKED;
  if (typeof cell === "number") return { kind: "ok", text: String(cell), outcome: "ok" };
  const isCounted = !cell.startsWith("~");
  const text = isCounted ? cell : cell.slice(1);
  const outcome = LETTERS[text] ?? (/^\d+$/.test(text) ? "ok" : null);
  return { kind: isCounted ? "bad" : "uncounted", text: text === "" ? "–" : text, outcome };
};
