/** Pages of what was seen of a target, with the record from which the whole shard can be judged again. */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { toInstant } from "../domain/instant.ts";
import type { EvidenceQuery } from "../domain/rpc.ts";
import type { EvidenceAnswer, PublishedTransition } from "../domain/replay.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import { comparedOf } from "../replay/compare.ts";
import { emptyState } from "../verdict/memory/judge-state.ts";
import { dumpState } from "../verdict/memory/target-state.ts";
import { type Ledger, snapshotIn } from "./ledger.ts";
import type { Shard } from "./shard.ts";
import { shownEvents, shownState } from "./shown-record.ts";
import type { JournalBase, Journal } from "./store/journal.ts";
import type { KeptTransition } from "../webhooks/kept-transition.ts";

/** How many characters of JSON the events of one page hold, exceeded by at most one judgement: some 50 ms of the aggregator's time. */
const PAGE_CHARACTERS = 4_000_000;

/** Between two judgements and between two batches of transitions. */
interface Place {
  entry: number;
  batch: number;
}

interface Start extends JournalBase {
  /** The judge's memory and the newest batch of transitions then. */
  load: () => { state: string; batch: number };
}

/** The places where judging again may begin, oldest first: wherever a memory is kept together with all entries after it. */
const startsOf = (journal: Journal, ledger: Ledger): Start[] => {
  const oldest = journal.oldest();
  const starts: Start[] = journal
    .bases()
    .map((base) => ({ ...base, load: () => loaded(journal.base(base.id)) }));
  if (oldest?.id === 1)
    starts.unshift({ id: 0, at: oldest.at, load: () => ({ state: dumpState(emptyState()), batch: 0 }) });
  const { id, at } = ledger.newestSnapshot;
  if (id > (starts.at(-1)?.id ?? -1))
    starts.push({ id, at, load: () => loaded(journal.loadSnapshot() ?? "") });
  return starts.filter((start) => start.id + 1 >= (oldest?.id ?? Infinity));
};

const loaded = (text: string): { state: string; batch: number } => {
  const { position, state } = snapshotIn(text);
  return { state, batch: position.batch };
};

type Seen = Pick<EvidenceAnswer, "observations" | "heartbeats" | "notices">;

/** Adds to `seen` what one event says of a target. */
const note = (seen: Seen, event: EvidenceEvent, site: string, target: string): void => {
  if (event.kind === "report") {
    for (const { site: s, target: t, subject, begin, drill, ...finding } of event.report.observations) {
      if (s !== site || t !== target) continue;
      const { outcome, stage, connectMs, totalMs, detail, address } = finding;
      seen.observations.push({
        vantage: event.report.vantage,
        at: toInstant(begin),
        subject,
        outcome,
        stage,
        ...(connectMs === undefined ? {} : { connectMs }),
        totalMs,
        ...(detail === undefined ? {} : { detail }),
        ...(address === undefined ? {} : { address }),
        ...(drill === undefined ? {} : { drill: drill.id }),
      });
    }
  } else if (event.kind === "heartbeat") {
    const { heartbeat } = event;
    if (heartbeat.site === site && heartbeat.target === target)
      seen.heartbeats.push({ at: toInstant(heartbeat.at), bootId: heartbeat.bootId });
  } else if (event.kind === "notice") {
    const { site: s, target: t, at, kind, bootId, restarting } = event.notice;
    if (s === site && t === target) seen.notices.push({ at: toInstant(at), kind, bootId, restarting });
  }
};

/**
 * Whether a batch of transitions comes from a later judgement. Entries are compared by number, because instants go back where the clock was
 * set back.
 */
const isLater = (kept: readonly KeptTransition[], last: { id: number; at: number }): boolean =>
  kept.some(({ entry, transition }) =>
    entry === undefined ? transition.at > toInstant(last.at) : entry > last.id,
  );

/** What was published after a batch by the judgements up to `last`, and the batch from which to go on. */
const publishedAfter = (
  journal: Journal,
  batch: number,
  last: { id: number; at: number },
): { published: PublishedTransition[]; batch: number } => {
  const published: PublishedTransition[] = [];
  let read = batch;
  for (const { id, kept } of journal.transitionsAfter(batch)) {
    if (isLater(kept, last)) break;
    read = id;
    for (const { key, transition } of kept) {
      const [site = "", target = ""] = key.split("/");
      published.push(comparedOf({ site, target, transition }));
    }
  }
  return { published, batch: read };
};

const placeOf = (cursor: string): Place => {
  const [entry = 0, batch = 0] = cursor.split(".").map(Number);
  return { entry, batch };
};

interface Beginning {
  place: Place;
  since: number;
  /** The judge's memory there; null on later pages. */
  state: string | null;
}

type Kept = Pick<Shard, "journal" | "ledger">;

const LOST = refused(
  "conflict",
  "what comes next is not kept any more: begin again without the cursor",
  "cursor",
);

/** Begins at the newest start that is old enough. */
const atStart = ({ journal, ledger }: Kept, since: number): Result<Beginning> => {
  const starts = startsOf(journal, ledger);
  const start = starts.findLast(({ at }) => at <= since) ?? starts[0];
  if (start === undefined) return LOST;
  const { state, batch } = start.load();
  return accepted({ place: { entry: start.id, batch }, since: Math.max(since, start.at), state });
};

/**
 * Begins where the page before ended. Any caller can write a cursor: one with which no page has ended could return everything ever
 * published at once, or leave some of it out.
 */
const after = ({ journal, ledger }: Kept, place: Place, since: number): Result<Beginning> => {
  const oldest = journal.oldest();
  if (oldest === null || place.entry + 1 < oldest.id) return LOST;
  const { at } = journal.entry(place.entry) ?? oldest;
  const isToCome = (batch: number): boolean =>
    batch > ledger.lastBatch || isLater(journal.transitionsOf(batch) ?? [], { id: place.entry, at });
  const isAnEnd =
    place.entry <= ledger.lastEntry &&
    isToCome(place.batch + 1) &&
    (place.batch === 0 || !isToCome(place.batch));
  return isAnEnd
    ? accepted({ place, since: Math.max(since, at), state: null })
    : refused("invalid", "must be `next` of the page before", "cursor");
};

interface Asked {
  site: string;
  target: string;
  /** The entry before the first of the page. */
  after: number;
  since: number;
  until: number;
  /** Whether the page holds the record. */
  isTold: boolean;
}

/** The contents of a page. */
interface Gathered {
  seen: Seen;
  /** The input of judgements, as JSON; empty where the page does not hold the record. */
  entries: string[];
  last: { id: number; at: number };
  /** Whether nothing that was asked for comes after `last`. */
  isEnd: boolean;
}

/** The entries after `after`, as many as fit into a page. `seen` holds only events that came at `since` or later. */
const gathered = (journal: Journal, { site, target, after, since, until, isTold }: Asked): Gathered => {
  const seen: Seen = { observations: [], heartbeats: [], notices: [] };
  const page: Gathered = { seen, entries: [], last: { id: after, at: since }, isEnd: true };
  let characters = 0;
  // Only the record needs the entries before `since`; a page without the record does not read them.
  for (const { id, at, events } of journal.textsAfter(after, isTold ? undefined : since)) {
    if (at > until) break;
    page.isEnd = characters < PAGE_CHARACTERS;
    if (!page.isEnd) break;
    page.last = { id, at };
    characters += events.length;
    const all = JSON.parse(events) as EvidenceEvent[];
    if (at >= since) for (const event of all) note(seen, event, site, target);
    if (!isTold) continue;
    const shown = shownEvents(all);
    const text = shown === all ? events : JSON.stringify(shown);
    page.entries.push(`{"id":${id},"at":"${toInstant(at)}","events":${text}}`);
  }
  return page;
};

const WITHHELD =
  "the record holds all targets that are judged together, and this token reads only those of some sites";

/** One page about a target, as an EvidenceAnswer in JSON. Refused where the entries that its cursor asks for are not kept any more. */
export const evidenceOf = (
  { journal, ledger, catalogue }: Pick<Shard, "journal" | "ledger" | "catalogue">,
  site: string,
  target: string,
  query: EvidenceQuery,
): Result<string> => {
  if (catalogue.target(site, target) === null)
    return refused("not-found", `site "${site}" has no target "${target}"`, "target");
  const kept = { journal, ledger };
  const earliest = query.since ?? -Infinity;
  const begin =
    query.cursor === null ? atStart(kept, earliest) : after(kept, placeOf(query.cursor), earliest);
  if (!begin.ok) return begin;
  const { place, since, state } = begin.value;
  const isTold = query.record === "told";
  const asked = { site, target, after: place.entry, since, until: query.until ?? Infinity, isTold };
  const { seen, entries, last, isEnd } = gathered(journal, asked);
  const { published, batch } = publishedAfter(journal, place.batch, last);
  const rest: Omit<EvidenceAnswer, "replay"> = {
    site,
    target,
    since: toInstant(since),
    until: toInstant(last.at),
    reachesBackTo: toInstant(startsOf(journal, ledger)[0]?.at ?? last.at),
    ...seen,
    withheld: query.record === "withheld" ? WITHHELD : null,
    next: isEnd ? null : `${last.id}.${batch}`,
  };
  const snapshot = isTold && state !== null ? shownState(state) : null;
  const replay = isTold
    ? `{"snapshot":${JSON.stringify(snapshot)},"entries":[${entries.join(",")}],"published":${JSON.stringify(published)}}`
    : "null";
  return accepted(`${JSON.stringify(rest).slice(0, -1)},"replay":${replay}}`);
};
