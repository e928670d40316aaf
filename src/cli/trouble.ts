import type { Called } from "../client/called.ts";

type Trouble = Exclude<Called<unknown>, { kind: "ok" }>;

/** A control character in what somebody answered must not reach a terminal or begin a second line. */
export const inOneLine = (text: string, longest = 300): string => {
  // As a literal the second would be read at each start, with Unicode's tables; an ordinary line has no need of it.
  const blank = /^[ -~]*$/.test(text) ? / +/g : new RegExp("[\\s\\p{C}]+", "gu");
  const line = text.replace(blank, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
};

/** A call that was not answered as hoped, in one line. */
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
