/**
 * The go-aheads that this isolate has given to automation, and which of them it has to report to the aggregators. Reports cost the same
 * however often programs ask: one call at the first answer of 200 for a sequence, and then one a minute for all counts of a shard. A
 * program that asks about a node that is well is answered 409 and causes no call. No answer waits for a report.
 */
import type { GoAhead, GoAheadCheck } from "../../domain/go-ahead.ts";
import { keyOf } from "../../domain/name.ts";
import { shardOf } from "../../domain/shard-of.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";
import { ageMs } from "./age.ts";
import type { ApiContext } from "../context.ts";
import { type Deployment, tellShard, unlessEarlier } from "./shard-calls.ts";

/** How often counts are reported. */
const COUNTED_EVERY_MS = 60_000;
/** A report that is not acknowledged is sent once more after this: longer than both tries of a call take. */
const AGAIN_MS = 5_000;
/**
 * How many entries an isolate remembers of a shard: all targets that it may have, both checks, five tokens. About a megabyte of its 128.
 */
const MAX_REMEMBERED = 5_000;

interface Entry extends GoAhead {
  /** When its first go-ahead was last reported, epoch milliseconds; null once that report is acknowledged. */
  firstToldAt: number | null;
}

interface Untold {
  entries: Map<string, Entry>;
  /** The entries whose first go-ahead is not acknowledged. */
  unkept: Set<Entry>;
  countsToldAt: number;
}

const nameOf = ({ site, target, sequence, check, by }: GoAhead): string =>
  `${keyOf(site, target)} ${sequence} ${check} ${by}`;

/** Stands for the token that asked, where an aggregator of an earlier release does not give its id. */
const UNKNOWN = "unknown";

export class ToldAutomation {
  readonly #shards = new Map<number, Untold>();
  readonly #limit: number;

  constructor(limit = MAX_REMEMBERED) {
    this.#limit = limit;
  }

  /** Notes that the check answered this request with 200 about `told`, which may be empty. */
  note(
    c: ApiContext,
    at: Deployment,
    by: string | undefined,
    check: GoAheadCheck,
    told: VerdictAnswer[],
  ): void {
    const now = Date.now();
    const said = { check, by: by ?? UNKNOWN, first: now, more: 1 };
    for (const { site, target, sequence } of told)
      this.#count(shardOf(site, at.config.shards), { site, target, sequence, ...said });
    // Counts of an incident that is over are reported with the next request.
    for (const [shard, untold] of this.#shards) {
      const due = dueIn(untold, now);
      if (due.length > 0) keepAlive(c, tell(at, shard, untold, due));
      if (untold.entries.size === 0) this.#shards.delete(shard);
    }
  }

  #count(shard: number, told: GoAhead): void {
    const untold = this.#shards.get(shard) ?? {
      entries: new Map<string, Entry>(),
      unkept: new Set<Entry>(),
      countsToldAt: told.first,
    };
    this.#shards.set(shard, untold);
    const name = nameOf(told);
    const entry = untold.entries.get(name);
    if (entry !== undefined) {
      entry.more += 1;
      return;
    }
    const made: Entry = { ...told, firstToldAt: 0 };
    untold.entries.set(name, made);
    untold.unkept.add(made);
    if (untold.entries.size > this.#limit) forgetOldest(untold);
  }
}

const forgetOldest = ({ entries, unkept }: Untold): void => {
  for (const [name, entry] of entries) {
    entries.delete(name);
    unkept.delete(entry);
    return;
  }
};

/** The entries to report now. Entries that were not asked about since the last report are forgotten. */
const dueIn = (untold: Untold, now: number): Entry[] => {
  const { entries, unkept } = untold;
  const first = [...unkept].filter(
    ({ firstToldAt }) => firstToldAt !== null && ageMs(firstToldAt, now) >= AGAIN_MS,
  );
  if (ageMs(untold.countsToldAt, now) < COUNTED_EVERY_MS) return first;
  untold.countsToldAt = now;
  for (const [name, { more, firstToldAt }] of entries)
    if (more === 0 && firstToldAt === null) entries.delete(name);
  const due = new Set([...first, ...[...entries.values()].filter(({ more }) => more > 0)]);
  return [...due];
};

/**
 * Reports these entries to an aggregator. Never rejects. Where no answer comes the aggregator may have received the report all the same, so
 * the counts are not sent again. The go-ahead itself is sent again, at once and with the next request, until it is acknowledged.
 */
const tell = async (at: Deployment, shard: number, { unkept }: Untold, due: Entry[]): Promise<void> => {
  const now = Date.now();
  const said = due.map(({ site, target, sequence, check, by, first, more }): GoAhead => ({
    site,
    target,
    sequence,
    check,
    by,
    first,
    more,
  }));
  for (const entry of due) {
    entry.more = 0;
    if (entry.firstToldAt !== null) entry.firstToldAt = now;
  }
  // An aggregator of an earlier release keeps nothing. In some seconds it will be of this release, and it gets the report then.
  const say = (told: GoAhead[]): Promise<boolean> =>
    tellShard(at, shard, (a) =>
      unlessEarlier(
        () => a.noteTold(told).then(() => true),
        () => false,
      ),
    );
  try {
    const isKept = await say(said).catch(() => say(said.map((told) => ({ ...told, more: 0 }))));
    if (!isKept) return;
  } catch {
    // The failure is in the log.
    return;
  }
  for (const entry of due) {
    entry.firstToldAt = null;
    unkept.delete(entry);
  }
};

/** Keeps the request alive until the work is done, where there is a runtime that can. */
const keepAlive = (c: ApiContext, work: Promise<void>): void => {
  try {
    c.executionCtx.waitUntil(work);
  } catch {
    // Hono throws where it was given no execution context.
  }
};
