/**
 * What becomes of a bare TCP connection that has opened. A proxy accepts whether or not anybody is behind it, so an open
 * connection proves a listener alone; but most proxies close at once what they cannot pass on. So it is learnt what a healthy
 * connection to this place looks like, and less than that is a finding.
 *
 * More is none: a service that speaks now and did not is well, or was slow to speak, and is learnt anew. What it says is a matter of
 * `expect`. Rejected: to take any change for a fault. A greeting that comes about as late as the watch ends would be one every
 * other time.
 */

/** From the least to the most: closed without a word; left open, silent; something was said. */
export const MANNERS = ["closed", "held", "greeted"] as const;
export type Manner = (typeof MANNERS)[number];

/** What is remembered of one place. Plain data, so that a vantage may keep it over a restart. */
export interface Habit {
  /** What every healthy connection comes to at the least; undefined while it is being learnt. */
  usual?: Manner | undefined;
  /** The least of those in a row that came to more than is usual, or of all while nothing is. */
  least: Manner;
  /** How many in a row. */
  times: number;
}

/** In a row, before it is usual. One may be chance; with two a vantage knows a new target after one interval. */
const USUAL_TIMES = 2;

const rankOf = (manner: Manner | undefined): number => (manner === undefined ? -1 : MANNERS.indexOf(manner));

/** Whether this is less than what health has shown. */
export const isLess = (manner: Manner, habit: Habit | undefined): boolean =>
  rankOf(manner) < rankOf(habit?.usual);

/** What is known after one more healthy connection. */
export const withManner = (habit: Habit | undefined, manner: Manner): Habit => {
  const { usual, least, times } = habit ?? { least: manner, times: 0 };
  if (rankOf(manner) <= rankOf(usual)) return { usual, least: manner, times: 0 };
  const lower = times > 0 && rankOf(least) < rankOf(manner) ? least : manner;
  return times + 1 < USUAL_TIMES
    ? { usual, least: lower, times: times + 1 }
    : { usual: lower, least: lower, times: 0 };
};

const NOW: Readonly<Record<Manner, string>> = {
  closed: "closed the connection at once, without a word",
  held: "said nothing",
  greeted: "spoke first",
};
const IN_HEALTH: Readonly<Record<Manner, string>> = {
  closed: "it closes it at once",
  held: "it holds it open",
  greeted: "it speaks first",
};

/** What is less than usual, in words. */
export const wordsOf = (manner: Manner, { usual }: Habit): string =>
  usual === undefined ? NOW[manner] : `${NOW[manner]}; in health ${IN_HEALTH[usual]}`;
