/** Pages of past transitions, newest first, for readers who ask what happened. */
import { fromInstant } from "../domain/instant.ts";
import type { PastPage, PastQuery } from "../domain/rpc.ts";
import type { ListedTransition } from "../domain/verdict.ts";
import type { Shard } from "./shard.ts";
import { type Beside, type Journal, toldTransition } from "./store/journal.ts";
import type { KeptTransition } from "../webhooks/kept-transition.ts";

/** Transitions that one call looks at, at most: that takes some tens of milliseconds, however many match. */
const LOOKED_AT_MAX = 2_000;

/** Just before the transition at `index` of batch `batch`. */
interface Place {
  batch: number;
  index: number;
}

const textOf = ({ batch, index }: Place): string => `${batch}.${index}`;

const placeOf = (text: string): Place => {
  const [batch = 0, index = 0] = text.split(".").map(Number);
  return { batch, index };
};

/** The transitions before a place, newest first, as far as they are kept. */
function* before(
  journal: Journal,
  { batch, index }: Place,
): Generator<{ place: Place; kept: KeptTransition }> {
  const own = index === 0 ? [] : (journal.transitionsOf(batch) ?? []).slice(0, index);
  yield* backwards(batch, own);
  for (let older = batch - 1; older > 0; older -= 1) {
    const kept = journal.transitionsOf(older);
    if (kept === null) return;
    yield* backwards(older, kept);
  }
}

function* backwards(
  batch: number,
  kept: readonly KeptTransition[],
): Generator<{ place: Place; kept: KeptTransition }> {
  for (const [index, one] of [...kept.entries()].toReversed()) yield { place: { batch, index }, kept: one };
}

const wants =
  ({ until, sites, target }: PastQuery) =>
  (at: number, site: string, name: string): boolean =>
    at <= (until ?? Infinity) && (sites?.includes(site) ?? true) && (target === null || target === name);

/** What a shard keeps beside its transitions. */
export const besideOf = ({ catalogue, goAheads }: Pick<Shard, "catalogue" | "goAheads">): Beside => {
  let known: Map<string, string | undefined> | undefined;
  return {
    starterOf: (drill) => (known ??= new Map(catalogue.drills().map(({ id, by }) => [id, by]))).get(drill),
    toldOf: (key, sequence) => goAheads.of(key, sequence),
  };
};

/**
 * The transitions that the query asks for, as far as one call looks: to the first one older than `since`, or to the end of what is kept.
 */
export const transitionsBefore = (
  shard: Pick<Shard, "journal" | "ledger" | "catalogue" | "goAheads">,
  query: PastQuery,
): PastPage<ListedTransition> => {
  const { journal, ledger } = shard;
  const beside = besideOf(shard);
  const end = { batch: ledger.lastBatch + 1, index: 0 };
  const asked = query.before === null ? end : placeOf(query.before);
  // A place past the end comes from another deployment, or from one whose storage is gone.
  const from = asked.batch > end.batch ? end : asked;
  const isWanted = wants(query);
  const page: PastPage<ListedTransition> = { entries: [], next: null, start: textOf(from) };
  let last = from;
  let looked = 0;
  for (const { place, kept } of before(journal, from)) {
    const at = fromInstant(kept.transition.at);
    if (at < (query.since ?? -Infinity)) return page;
    if (looked === LOOKED_AT_MAX || page.entries.length === query.limit)
      return { ...page, next: textOf(last) };
    looked += 1;
    last = place;
    const [site = "", target = ""] = kept.key.split("/");
    if (!isWanted(at, site, target)) continue;
    const transition = { site, target, ...toldTransition(kept, beside) };
    page.entries.push({ at, before: textOf(place), entry: transition });
  }
  return page;
};
