import { inOneLine } from "../shared/output/trouble.ts";
import { type Line, type LineOf, LineSchema } from "../../domain/shadow-journal-lines.ts";

/** One flaw of a journal. */
export interface ReadingFlaw {
  file: string;
  /** From 1. */
  line: number;
  field: string;
  message: string;
}

/** A file of a journal as it was read. */
export interface CheckerRead {
  lines: Line[];
  /** Bytes after the last whole line: a run that was killed while it wrote left them. */
  tornBytes: number;
}

/** The most flaws that are reported. */
const MAX_FLAWS = 20;

const lineIn = (text: string): Line | { field: string; message: string } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { field: "", message: `must be one JSON object, not ${inOneLine(text, 60) || "an empty line"}` };
  }
  const read = LineSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return {
    field: issue?.path.map(String).join(".") ?? "",
    message: inOneLine(issue?.message ?? "is no line of a journal"),
  };
};

const headFlaw = (first: Line | undefined): string | undefined => {
  if (first === undefined) return "is empty: a journal begins with a line of kind shadow";
  return first.kind === "shadow"
    ? undefined
    : 'must be of kind "shadow": the beginning of the file is missing';
};

/**
 * The lines of a file. Bytes after the last line end were being written when a run was killed, and are left out. Anything else that is not
 * a valid line is a flaw.
 */
export const readJournal = (file: string, bytes: Buffer): CheckerRead | ReadingFlaw[] => {
  // By bytes: an unfinished line may end within a character.
  const end = bytes.lastIndexOf("\n") + 1;
  const tornBytes = bytes.length - end;
  const text = bytes.subarray(0, end).toString();
  const lines: Line[] = [];
  const flaws: ReadingFlaw[] = [];
  for (const [index, one] of text.split("\n").slice(0, -1).entries()) {
    const line = lineIn(one);
    if ("kind" in line) lines.push(line);
    else flaws.push({ file, line: index + 1, ...line });
    if (flaws.length >= MAX_FLAWS) return flaws;
  }
  if (flaws.length > 0) return flaws;
  const message = headFlaw(lines[0]);
  if (message !== undefined) return [{ file, line: 1, field: "kind", message }];
  return { lines, tornBytes };
};

export const headOf = (lines: readonly Line[]): LineOf<"shadow"> | undefined =>
  lines.find((line) => line.kind === "shadow");
