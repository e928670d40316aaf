/** Milliseconds since this call, on the monotonic clock. To touch `performance` takes Node a millisecond. */
export const stopwatch = (): (() => number) => {
  const begin = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - begin) / 1e6;
};
