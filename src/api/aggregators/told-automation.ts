/**
 * What this isolate has told automation to go ahead with, and what of it the aggregators have to be told. That costs them the same however
 * often anybody asks: one call at the first answer of 200 for a sequence, and then one a minute for all counts of a shard. Who asks
 * after a node that is well is answered 409 and causes no call. No answer waits for any of it.
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
/** What was reported and is not acknowledged is reported once more after this: longer than both tries of a call take. */
const AGAIN_MS = 5_000;
/** What an isolate remembers of a shard: all the targets that it may have, both checks, five tokens. About a megabyte of its 128. */
const MAX_REMEMBERED = 5_000;

interface Entry extends GoAhead {
  /** When the first of it was reported last, epoch milliseconds; null once that is acknowledged. */
  firstToldAt: number | null;
}

interface Untold {
  entries: Map<string, Entry>;
  /** Those whose first is not acknowledged. */
  unkept: Set<Entry>;
  countsToldAt: number;
}

const nameOf = ({ site, target, sequence, check, by }: GoAhead): string =>
  `${keyOf(site, target)} ${sequence} ${check} ${by}`;

/** The token that asked; an aggregator of an earlier release does not give its id. */
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
    // Counts of an incident that is over are reported with the next question.
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

/** What is to be reported now. What was not asked about since the last time is forgotten. */
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
 * Tells an aggregator of these. Never rejects. Where no answer comes it may have heard all the same, so that the counts are not said
 * again; that it was told at all is, at once and by who asks next, until it is acknowledged.
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
  // An aggregator of an earlier release keeps nothing: it will be of this release in some seconds, and hears it then.
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
    // It stands in the log.
    return;
  }
  for (const entry of due) {
    entry.firstToldAt = null;
    unkept.delete(entry);
  }
};

/** The request lives on until it is done, where there is a runtime that knows of it. */
const keepAlive = (c: ApiContext, work: Promise<void>): void => {
  try {
    c.executionCtx.waitUntil(work);
  } catch {
    // Hono throws where it was given none.
  }
};
