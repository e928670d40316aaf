/** How a promise settled within its time, if it did. */
export type Attempted<T> = { kind: "done"; value: T } | { kind: "failed"; error: unknown } | { kind: "late" };

/**
 * Waits for a promise for at most `limitMs`. Never rejects. The promise itself goes on; its later
 * rejection counts as handled.
 */
export const attempt = async <T>(promise: Promise<T>, limitMs: number): Promise<Attempted<T>> => {
  let ring: () => void = () => undefined;
  const late = new Promise<Attempted<T>>((resolve) => {
    ring = () => resolve({ kind: "late" });
  });
  const timer = setTimeout(() => ring(), Math.max(0, limitMs));
  const settled = promise.then(
    (value): Attempted<T> => ({ kind: "done", value }),
    (error: unknown): Attempted<T> => ({ kind: "failed", error }),
  );
  const first = await Promise.race([settled, late]);
  clearTimeout(timer);
  return first;
};
