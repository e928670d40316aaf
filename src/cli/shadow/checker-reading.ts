import { inOneLine } from "../shared/output/trouble.ts";
import {
  CHECKER_KINDS,
  JOURNAL_VERSION,
  type Line,
  type LineOf,
  LineSchema,
} from "../../domain/shadow-journal-lines.ts";

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

/** The first line of a file, its fields in the order in which they are written. */
export const headLine = ({
  at,
  checker,
  everyMs,
}: Pick<LineOf<"shadow">, "at" | "checker" | "everyMs">): LineOf<"shadow"> => ({
  kind: "shadow",
  version: JOURNAL_VERSION,
  at,
  checker,
  everyMs,
});

/** Longer than any first line. */
const MAX_HEAD_BYTES = 200;

/** Whether a file has no more than a part of its first line, or nothing: then a run that was killed over it left nothing to keep. */
export const isUnbegun = (bytes: Buffer): boolean => {
  if (bytes.length > MAX_HEAD_BYTES) return false;
  const text = bytes.toString("latin1");
  const numberAt = (field: string): number =>
    Number(new RegExp(`"${field}":(\\d{1,15})`).exec(text)?.[1] ?? 0);
  const [at, everyMs] = [numberAt("at"), numberAt("everyMs")];
  return CHECKER_KINDS.some((checker) => JSON.stringify(headLine({ at, checker, everyMs })).startsWith(text));
};

const headFlaw = (first: Line | undefined, tornBytes: number): string | undefined => {
  if (first === undefined)
    return `${tornBytes > 0 ? "is unfinished" : "is empty"}: a journal begins with a line of kind shadow`;
  return first.kind === "shadow"
    ? undefined
    : 'must be "shadow" in the first line: the beginning of the file is missing';
};

/**
 * The lines of a file. Bytes after the last line end were being written when a run was killed, and are left out, unless nothing before them
 * shows that the file is a journal. Anything else that is not a valid line is a flaw.
 */
export const readJournal = (file: string, bytes: Buffer): CheckerRead | ReadingFlaw[] => {
  // By bytes: an unfinished line may end within a character.
  const end = bytes.lastIndexOf("\n") + 1;
  const tornBytes = bytes.length - end;
  const isForeign = end === 0 && !isUnbegun(bytes);
  const text = isForeign ? `${bytes.toString()}\n` : bytes.subarray(0, end).toString();
  const lines: Line[] = [];
  const flaws: ReadingFlaw[] = [];
  for (const [index, one] of text.split("\n").slice(0, -1).entries()) {
    const line = lineIn(one);
    if ("kind" in line) lines.push(line);
    else flaws.push({ file, line: index + 1, ...line });
    if (flaws.length >= MAX_FLAWS) return flaws;
  }
  if (flaws.length > 0) return flaws;
  const message = isForeign ? "must end with a line end" : headFlaw(lines[0], tornBytes);
  if (message !== undefined) return [{ file, line: 1, field: isForeign ? "" : "kind", message }];
  return { lines, tornBytes };
};

export const headOf = (lines: readonly Line[]): LineOf<"shadow"> | undefined =>
  lines.find((line) => line.kind === "shadow");
