import type { Called } from "../../../client/called.ts";

type Trouble = Exclude<Called<unknown>, { kind: "ok" }>;

/** Text without characters that must not reach a terminal: control characters, line ends, and those that reverse the text after them. */
export const printable = (text: string): string =>
  // A literal would be compiled at each start, with Unicode's tables. An ordinary line does not need it.
  /^[ -~]*$/.test(text) ? text : text.replace(new RegExp("[\\p{C}\\p{Zl}\\p{Zp}]+", "gu"), " ");

/** The text of an answer, as part of one line. */
export const inOneLine = (text: string, longest = 300): string => {
  const line = printable(text).replace(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
};

/** A call that failed or was refused, in one line. */
export const inWords = (trouble: Trouble): string => {
  if (trouble.kind === "failed") return `no answer of the detector: ${inOneLine(trouble.detail)}`;
  const said = inOneLine(trouble.detail);
  if (trouble.status === 401) return `the detector refuses the token (401): ${said}`;
  if (trouble.status === 403) return `the token is for something else (403): ${said}`;
  return `the detector answered ${trouble.status}: ${said}`;
};

/** Whether no call with this token will ever succeed. */
export const isTokenRefused = (called: Called<unknown>): boolean =>
  called.kind === "refused" && (called.status === 401 || called.status === 403);
