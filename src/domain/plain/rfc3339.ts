/** Epoch milliseconds to RFC 3339 UTC. Inside Parallax instants are epoch milliseconds. */
export const toInstant = (epochMs: number): string => new Date(epochMs).toISOString();

/** RFC 3339 to epoch milliseconds. */
export const fromInstant = (instant: string): number => Date.parse(instant);

const SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * Whether a text is an instant as Parallax writes it. The parser reads a day that is in no calendar as another day, so such a text is
 * rejected.
 */
export const isInstant = (text: string): boolean => {
  const epochMs = SHAPE.test(text) ? fromInstant(text) : Number.NaN;
  return !Number.isNaN(epochMs) && toInstant(epochMs) === text;
};
