interface Patience {
  withinMs: number;
  everyMs?: number;
  /** The message when the deadline has passed. */
  explain: () => string | Promise<string>;
}

/** Asks again and again until the answer is neither false nor missing, and returns it; throws after the deadline. */
export const until = async <T>(
  ask: () => T | Promise<T>,
  { withinMs, everyMs = 100, explain }: Patience,
): Promise<Exclude<T, false | null | undefined>> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined)
      return answer as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(await explain());
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
