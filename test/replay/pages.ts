/** The evidence of a world as a detector answers it, page by page. */
import { toInstant } from "../../src/domain/plain/rfc3339.ts";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import type { EvidenceAnswer } from "../../src/domain/replay.ts";
import { comparedOf } from "../../src/replay/compare.ts";
import { type Change, emptyState } from "../../src/verdict/memory/judge-state.ts";
import { dumpState } from "../../src/verdict/memory/target-state.ts";

/** The recorded life of a world. */
interface Lived {
  journal: readonly { at: number; events: readonly EvidenceEvent[] }[];
  changes: readonly Change[];
  now: number;
}

/** The pages from judgement `first` on, with the memory before it and `size` judgements a page. */
export const pagesOf = (
  world: Lived,
  { first = 0, snapshot = dumpState(emptyState()), size = 1_000 } = {},
): EvidenceAnswer[] => {
  const entries = world.journal
    .slice(first)
    .map(({ at, events }, index) => ({ id: first + index + 1, at: toInstant(at), events: [...events] }));
  const since = entries[0]?.at ?? toInstant(world.now);
  const published = world.changes.map(comparedOf).filter(({ at }) => at >= since);
  const pages: EvidenceAnswer[] = [];
  for (let from = 0; from === 0 || from < entries.length; from += size)
    pages.push({
      site: "fra",
      target: "db-1",
      since,
      until: toInstant(world.now),
      reachesBackTo: since,
      observations: [],
      heartbeats: [],
      notices: [],
      withheld: null,
      next: from + size < entries.length ? `${first + from + size}.0` : null,
      replay: {
        snapshot: from === 0 ? snapshot : null,
        entries: entries.slice(from, from + size),
        published: from === 0 ? published : [],
      },
    });
  return pages;
};
