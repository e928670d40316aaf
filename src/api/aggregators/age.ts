/**
 * How long ago that was, in milliseconds. Infinity for an instant that lies ahead: then the clock was set back, nobody knows
 * how long ago it was, and what is waited for or remembered since must not last for as long as that.
 */
export const ageMs = (at: number, now = Date.now()): number => (now < at ? Infinity : now - at);
