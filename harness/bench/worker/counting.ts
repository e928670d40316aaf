/**
 * Counts rows and calls between a Durable Object and the platform, and changes nothing in the behaviour of either.
 */
import type { Tally } from "../tally.ts";

const add = (counts: Record<string, number>, name: string, count = 1): void => {
  if (count > 0) counts[name] = (counts[name] ?? 0) + count;
};

const tableIn = (query: string): string =>
  /\b(?:INTO|UPDATE|FROM|TABLE)\s+(?:IF NOT EXISTS\s+)?(\w+)/i.exec(query)?.[1] ?? "other";

interface Cursor {
  rowsRead: number;
  rowsWritten: number;
}

/** A cursor goes on reading while it is iterated, so the last few are checked again: no code here leaves more open at once. */
const OPEN_CURSORS_MAX = 8;

/** Counts the rows that cursors read, however long they are iterated. */
const countReads = (tally: Tally): ((cursor: Cursor) => void) => {
  const open: { cursor: Cursor; counted: number }[] = [];
  return (cursor) => {
    open.push({ cursor, counted: 0 });
    for (const one of open) {
      tally.rowsRead += one.cursor.rowsRead - one.counted;
      one.counted = one.cursor.rowsRead;
    }
    if (open.length > OPEN_CURSORS_MAX) open.shift();
  };
};

const charactersIn = (bindings: unknown[]): number =>
  bindings.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);

/** The same object state; every statement through its storage is counted from now on. */
export const countRows = (ctx: DurableObjectState, tally: Tally): DurableObjectState => {
  const { storage } = ctx;
  const { sql } = storage;
  const exec = sql.exec.bind(sql) as (query: string, ...bindings: unknown[]) => Cursor;
  const countRead = countReads(tally);
  const setAlarm = storage.setAlarm.bind(storage);
  const deleteAlarm = storage.deleteAlarm.bind(storage);
  Object.defineProperty(sql, "exec", {
    value: (query: string, ...bindings: unknown[]) => {
      const cursor = exec(query, ...bindings);
      add(tally.rows, tableIn(query), cursor.rowsWritten);
      if (cursor.rowsWritten > 0) add(tally.written, tableIn(query), charactersIn(bindings));
      countRead(cursor);
      return cursor;
    },
  });
  Object.defineProperty(storage, "setAlarm", {
    configurable: true,
    value: (...given: Parameters<typeof setAlarm>) => {
      add(tally.rows, "alarm");
      return setAlarm(...given);
    },
  });
  Object.defineProperty(storage, "deleteAlarm", {
    value: (...given: Parameters<typeof deleteAlarm>) => {
      add(tally.rows, "alarm");
      return deleteAlarm(...given);
    },
  });
  return ctx;
};

/** How many activities of an object are under way, and until when their time is counted. */
const underWay = new WeakMap<object, { count: number; countedTo: number }>();

/**
 * An activity of the object with this state begins; the returned function ends it. The time of one that never ends is counted whenever
 * another ends.
 */
const enter = (ctx: object, tally: Tally): (() => void) => {
  const work = underWay.get(ctx) ?? { count: 0, countedTo: 0 };
  underWay.set(ctx, work);
  const change = (by: number): void => {
    const now = Date.now();
    if (work.count > 0) tally.activeMs += now - work.countedTo;
    work.countedTo = now;
    work.count += by;
  };
  change(1);
  return () => change(-1);
};

/** The same object state; background work counts as time at work. */
export const countBackground = (ctx: DurableObjectState, tally: Tally): DurableObjectState => {
  const waitUntil = ctx.waitUntil.bind(ctx);
  Object.defineProperty(ctx, "waitUntil", {
    value: (work: Promise<unknown>) => waitUntil(work.finally(enter(ctx, tally))),
  });
  return ctx;
};

/** Counts every call of a method that `base` has, in a class made from it; `tallyOf` finds an object's tally. */
export const countCalls = <Counted extends object>(
  base: { prototype: object },
  counted: { prototype: Counted },
  tallyOf: (object: Counted) => Tally,
): void => {
  for (const name of Object.getOwnPropertyNames(base.prototype)) {
    // The class's own method of that name, if it has one.
    const method: unknown = Reflect.get(counted.prototype, name);
    if (name === "constructor" || typeof method !== "function") continue;
    Object.defineProperty(counted.prototype, name, {
      value(this: Counted, ...given: unknown[]): unknown {
        const tally = tallyOf(this);
        add(tally.calls, name);
        const ctx: unknown = Reflect.get(this, "ctx");
        const end = typeof ctx === "object" && ctx !== null ? enter(ctx, tally) : () => undefined;
        const begin = Date.now();
        const leave = (): void => {
          add(tally.busyMs, name, Date.now() - begin);
          end();
        };
        const answer: unknown = Reflect.apply(method, this, given);
        if (answer instanceof Promise) return answer.finally(leave);
        leave();
        return answer;
      },
    });
  }
};
