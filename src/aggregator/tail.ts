/** Transitions as they come, for readers that follow all of them. */
import type { TransitionPage } from "../domain/rpc.ts";
import { transitionData } from "../webhooks/message.ts";
import type { Shard } from "./shard.ts";
import { TRANSITION_ROWS } from "./store/journal.ts";

/** Between two transitions: `skip` of batch `batch` have been read, and all before it. Never at a batch's end. */
interface Place {
  batch: number;
  skip: number;
}

const textOf = ({ batch, skip }: Place): string => `${batch}.${skip}`;

const placeOf = (text: string): Place => {
  const [batch = 0, skip = 0] = text.split(".").map(Number);
  return { batch, skip };
};

/**
 * The shard's transitions after a place, oldest first, about `limit` of them, in whole batches. `after`: a place that an earlier page
 * returned, or null for the end. Costs no row where nothing has happened.
 */
export const transitionsAfter = (shard: Shard, after: string | null, limit: number): TransitionPage => {
  const end = shard.ledger.lastBatch + 1;
  const asked = after === null ? { batch: end, skip: 0 } : placeOf(after);
  const oldest = Math.max(1, end - TRANSITION_ROWS);
  // A place past the end comes from another deployment, or from one whose storage is gone.
  const from = asked.batch > end ? { batch: end, skip: 0 } : asked;
  const page: TransitionPage = { isGap: from !== asked, start: "", events: [], next: "", isEnd: false };
  let place = from.batch < oldest ? { batch: oldest, skip: 0 } : from;
  page.isGap ||= place !== from;
  for (; place.batch < end && page.events.length < limit; place = { batch: place.batch + 1, skip: 0 }) {
    const kept = shard.journal.transitionsOf(place.batch);
    page.isGap ||= kept === null;
    if (page.events.length === 0) page.start = textOf(place);
    kept?.slice(place.skip).forEach(({ key, transition, drill, muted }, index) => {
      const data = transitionData(key, transition, drill ?? null, muted ?? null);
      const read = place.skip + index + 1;
      const next = read < kept.length ? { ...place, skip: read } : { batch: place.batch + 1, skip: 0 };
      page.events.push({ site: data.site, next: textOf(next), json: JSON.stringify(data) });
    });
  }
  page.next = textOf(place);
  if (page.events.length === 0) page.start = page.next;
  return { ...page, isEnd: place.batch === end };
};
