/**
 * How long ago `at` was, in milliseconds. Infinity for an instant in the future: the clock was set back then, the true age is unknown, and
 * no wait and no memory since `at` may last until that instant comes.
 */
export const ageMs = (at: number, now = Date.now()): number => (now < at ? Infinity : now - at);
