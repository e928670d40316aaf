/** Evaluates a cell's records: for how long no client could write, which rows were lost, and which nodes took writes at the same time. */

/** One row that was acknowledged to a client. Instants are of one monotonic clock, in ms. */
export interface Acknowledged {
  n: number;
  node: string;
  epoch: number;
  sentAt: number;
  ackedAt: number;
}

/** A node's answer to whether it takes writes, asked on the node itself. */
export interface Word {
  node: string;
  askedAt: number;
  answeredAt: number;
  isWritable: boolean;
}

/** An answer that took longer says nothing of the time between: the node may have been frozen. */
const PROMPT_MS = 1_000;

/** The longest time without an acknowledged row between two instants. */
export const longestGapMs = (rows: readonly Acknowledged[], from: number, to: number): number => {
  const within = rows.map(({ ackedAt }) => ackedAt).filter((at) => at >= from && at <= to);
  const instants = [from, ...within.toSorted((a, b) => a - b), to];
  return Math.max(0, ...instants.slice(1).map((at, index) => at - (instants[index] ?? at)));
};

/** How long after a fault a row was acknowledged that was sent after it; Infinity if none was. */
export const resumedMs = (rows: readonly Acknowledged[], from: number): number =>
  Math.min(Infinity, ...rows.filter(({ sentAt }) => sentAt > from).map(({ ackedAt }) => ackedAt - from));

/** Rows that were acknowledged to a client, and that the leader does not have at the end. */
export const lostRows = (rows: readonly Acknowledged[], kept: ReadonlySet<number>): Acknowledged[] =>
  rows.filter(({ n }) => !kept.has(n));

/** Rows that were sent to one node, and accepted, after another node had accepted a row of a later epoch. */
export const staleRows = (
  rows: readonly Acknowledged[],
  by: readonly Acknowledged[] = rows,
): Acknowledged[] => {
  const firsts = new Map<number, number>();
  for (const { epoch, ackedAt } of rows) firsts.set(epoch, Math.min(firsts.get(epoch) ?? Infinity, ackedAt));
  return by.filter((row) => [...firsts].some(([epoch, first]) => epoch > row.epoch && row.sentAt > first));
};

/** From when to when each node surely took writes: between two prompt answers that say so, with no other answer between them. */
const spansOf = (words: readonly Word[]): { node: string; from: number; to: number }[] => {
  const spans: { node: string; from: number; to: number }[] = [];
  const open = new Map<string, { node: string; from: number; to: number }>();
  for (const { node, askedAt, answeredAt, isWritable } of words.toSorted((a, b) => a.askedAt - b.askedAt)) {
    const span = open.get(node);
    if (!isWritable || answeredAt - askedAt > PROMPT_MS) {
      open.delete(node);
    } else if (span !== undefined && askedAt - span.to <= PROMPT_MS) {
      span.to = askedAt;
    } else {
      const begun = { node, from: answeredAt, to: askedAt };
      open.set(node, begun);
      spans.push(begun);
    }
  }
  return spans.filter(({ from, to }) => to > from);
};

/** For how long two nodes took writes at once. */
export const bothWritableMs = (words: readonly Word[]): number => {
  const spans = spansOf(words);
  let sum = 0;
  for (const [index, a] of spans.entries())
    for (const b of spans.slice(index + 1))
      if (a.node !== b.node) sum += Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
  return sum;
};

/** How often the rows moved to another node. */
export const switchesIn = (rows: readonly Acknowledged[]): number => {
  const nodes = rows.toSorted((a, b) => a.ackedAt - b.ackedAt).map(({ node }) => node);
  return nodes.filter((node, index) => index > 0 && node !== nodes[index - 1]).length;
};
