/**
 * How a bare TCP connection ends that has opened. A proxy accepts whether or not a server runs behind it, so an open connection proves only
 * a listener. But most proxies close at once what they cannot pass on. So each vantage learns how a healthy connection to this address
 * ends, and less than that is a finding.
 *
 * More than that is not a finding: a service that speaks now and did not before is well, or was slow to speak, and is learnt anew. What the
 * service says is a matter of `expect`. Rejected: treating any change as a fault. A greeting that comes about as late as the watch ends
 * would be a fault every other time.
 */

/** From the least to the most: closed without data; left open, silent; the other side sent data. */
export const MANNERS = ["closed", "held", "greeted"] as const;
export type Manner = (typeof MANNERS)[number];

/** What a vantage remembers about one address. Plain data, so that the vantage may keep it over a restart. */
export interface Habit {
  /** The least that every healthy connection has shown; undefined while it is being learnt. */
  usual?: Manner | undefined;
  /** The least of the connections in a row that showed more than is usual, or of all while nothing is usual yet. */
  least: Manner;
  /** How many connections are in that row. */
  times: number;
}

/** How many in a row make a manner usual. One may be chance; with two a vantage knows a new target after one interval. */
const USUAL_TIMES = 2;

const rankOf = (manner: Manner | undefined): number => (manner === undefined ? -1 : MANNERS.indexOf(manner));

/** Whether this is less than healthy connections have shown. */
export const isLess = (manner: Manner, habit: Habit | undefined): boolean =>
  rankOf(manner) < rankOf(habit?.usual);

/** The habit after one more healthy connection. */
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

/** The difference from the usual manner, in words. */
export const wordsOf = (manner: Manner, { usual }: Habit): string =>
  usual === undefined ? NOW[manner] : `${NOW[manner]}; in health ${IN_HEALTH[usual]}`;
