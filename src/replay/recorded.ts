/** Joins the pages in which a detector reports how it came to its verdicts into one record that can be judged again. */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { fromInstant } from "../domain/plain/rfc3339.ts";
import type { EvidenceAnswer, PublishedTransition } from "../domain/replay.ts";

/** The input of one judgement; `at` in epoch milliseconds. */
export interface RecordEntry {
  at: number;
  events: EvidenceEvent[];
}

/** One shard's record. */
export interface Recorded {
  /** The judge's memory before the first entry, as `dumpState` writes it. */
  snapshot: string;
  entries: RecordEntry[];
  published: PublishedTransition[];
}

type Page = Pick<EvidenceAnswer, "replay" | "withheld">;

/** The pages of one answer, in their order, as one record; or one sentence that says why they do not form one. */
export const recordedOf = (pages: readonly Page[]): Recorded | string => {
  const [first] = pages;
  if (first === undefined) return "there is no page";
  const recorded: Recorded = { snapshot: first.replay?.snapshot ?? "", entries: [], published: [] };
  let last: number | undefined;
  for (const [index, { replay, withheld }] of pages.entries()) {
    if (replay === null) return withheld ?? "it was asked for what was observed only: leave `only` out";
    if ((index === 0) !== (replay.snapshot !== null))
      return "the pages are not in their order, or of more than one answer: the first of them has the snapshot";
    for (const { id, at, events } of replay.entries) {
      if (last !== undefined && id !== last + 1)
        return `between the judgements ${last} and ${id} some are missing: give all pages, in their order`;
      last = id;
      recorded.entries.push({ at: fromInstant(at), events: events as EvidenceEvent[] });
    }
    recorded.published.push(...replay.published);
  }
  return recorded;
};
