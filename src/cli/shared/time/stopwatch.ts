/** Milliseconds since this call, on the monotonic clock. Not by `performance`, whose first use takes Node a millisecond. */
export const stopwatch = (): (() => number) => {
  const begin = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - begin) / 1e6;
};
