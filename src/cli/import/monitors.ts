/** The list of monitors in a TypeScript program. */
import type { Path } from "../shared/document/read-document.ts";
import { type ScriptToken, tokenText, tokensIn } from "./script-tokens.ts";
import { BadScript, ScriptReader, type WorkedOut } from "./script-values.ts";

interface Listed {
  /** With null for each value that the program computes. */
  list: unknown[];
  lineOf: (path: Path) => number | undefined;
  workedOut: WorkedOut[];
}

/** The name of the list, and the first part of each path. */
export const MONITORS = "monitors";

const isItsName = ({ kind, text }: ScriptToken): boolean =>
  text === MONITORS || (kind === "text" && tokenText(text) === MONITORS);

/** Where a list begins: `monitors: [` in an object, or `const monitors: MonitorTarget[] = [`. */
const startAfter = (tokens: readonly ScriptToken[], name: number): number | undefined => {
  const textAt = (index: number): string => tokens[index]?.text ?? "";
  const isListAt = (index: number): boolean => textAt(index) === "[";
  let at = name + 1;
  if (textAt(at) === ":") {
    if (isListAt(at + 1)) return at + 1;
    while (/^(?:[^=[\]{},;(]|\[|\]|\w+)$/.test(textAt(at))) at++;
  }
  return textAt(at) === "=" && isListAt(at + 1) ? at + 1 : undefined;
};

/** `process.env.NAME` can stand in headers alone. */
const isHeader = (path: Path): boolean => path.length === 4 && path[2] === "headers";

const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Undefined where there is no such list. Throws {@link BadScript} where it cannot be read. */
export const monitorsIn = (program: string): Listed | undefined => {
  const tokens = tokensIn(program);
  let found: Listed | undefined;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    const start = token !== undefined && isItsName(token) ? startAfter(tokens, at) : undefined;
    if (start === undefined) continue;
    const reader = new ScriptReader(tokens, start, isHeader);
    const list = reader.value([MONITORS]);
    // What is in this list begins no other.
    at = reader.at - 1;
    if (!Array.isArray(list))
      throw new BadScript(
        tokens[start]?.line ?? 1,
        [MONITORS],
        "is worked out by the program: write the list itself",
      );
    // A maintenance has a list of the same name, which holds ids.
    const isOfObjects = list.some(isRecord);
    if (found !== undefined && !isOfObjects) continue;
    found = { list, lineOf: (path) => reader.lineOf(path), workedOut: reader.workedOut };
    if (isOfObjects) return found;
  }
  return found;
};
