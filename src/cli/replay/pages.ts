import { readFileSync } from "node:fs";
import { Client } from "../../client/client.ts";
import { type EvidenceAnswer, EvidenceAnswerSchema } from "../../domain/replay.ts";
import { EXIT_REFUSED } from "../command.ts";
import { inOneLine, inWords, isTokenRefused } from "../shared/output/trouble.ts";
import type { ReplaySource } from "./settings.ts";

export const EXIT_NOT_READ = 4;
/** A shard of 500 targets keeps some 160 MB of evidence for an hour. */
const PAGES_MAX = 200;
const CALL_LIMIT_MS = 30_000;

/** Why there are no pages, and the program's exit code. */
export interface Unread {
  why: string;
  exit: number;
}

const fromDetector = async ({
  url,
  token,
  place,
  query,
}: Extract<ReplaySource, { kind: "detector" }>): Promise<EvidenceAnswer[] | Unread> => {
  const client = new Client(url, token, CALL_LIMIT_MS);
  const pages: EvidenceAnswer[] = [];
  let cursor: string | undefined;
  do {
    const called = await client.evidence(place, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    if (called.kind !== "ok")
      return { why: inWords(called), exit: isTokenRefused(called) ? EXIT_REFUSED : EXIT_NOT_READ };
    pages.push(called.value);
    cursor = called.value.next ?? undefined;
  } while (cursor !== undefined && pages.length < PAGES_MAX);
  if (cursor !== undefined)
    return {
      why: `there are more than ${PAGES_MAX} pages: ask for less with --since and --until`,
      exit: EXIT_NOT_READ,
    };
  return pages;
};

/** A file that `--save` has written holds a list of pages; a file made with curl holds one page. */
const fromFile = (file: string): EvidenceAnswer[] | Unread => {
  const unread = (why: string): Unread => ({ why: `${file}: ${inOneLine(why)}`, exit: EXIT_NOT_READ });
  try {
    const held = JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8")) as unknown;
    const read = EvidenceAnswerSchema.array().safeParse(Array.isArray(held) ? held : [held]);
    if (read.success) return read.data;
    const path = read.error.issues[0]?.path.join(".") ?? "";
    return unread(`is no answer of GET …/evidence: look at ${path || "its beginning"}`);
  } catch (error) {
    return unread((error as Error).message);
  }
};

/** All pages, in order. */
export const pagesOf = async (source: ReplaySource): Promise<EvidenceAnswer[] | Unread> => {
  if (source.kind === "detector") return fromDetector(source);
  const pages: EvidenceAnswer[] = [];
  for (const file of source.files) {
    const read = fromFile(file);
    if (!Array.isArray(read)) return read;
    pages.push(...read);
  }
  return pages;
};
