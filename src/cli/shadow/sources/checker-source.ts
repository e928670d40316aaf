/** A checker's report on one thing that it watches. */
export interface Named {
  /** The name that the checker shows and that `--map` uses. */
  name: string;
  /** The text from which `parallax import` would make the site; undefined where the checker has none. */
  site: string | undefined;
  /** The text from which `parallax import` would make the target's name. */
  target: string;
  /** Null: neither up nor down. Undefined: its earlier state still holds. */
  up: boolean | null | undefined;
}

/** Asks a checker once. Rejects where it does not answer, or not as expected; the message says what would be right. */
export type Poll = (stop: AbortSignal) => Promise<Named[]>;

/** The most names. A checker with more needs a narrower query, or must be followed in parts. */
export const MAX_NAMES = 10_000;
const MAX_NAME_LENGTH = 500;

/** Returns the checker's list, or throws where the list or a name is too long. */
export const listedNames = (found: Named[]): Named[] => {
  if (found.length > MAX_NAMES) throw new Error(`it lists ${found.length} names: at most ${MAX_NAMES}`);
  const long = found.find(({ name }) => name.length > MAX_NAME_LENGTH);
  if (long !== undefined) throw new Error(`a name is longer than ${MAX_NAME_LENGTH} characters`);
  return found;
};

/** A field of an unknown value. */
export const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, field)
    ? (value as Record<string, unknown>)[field]
    : undefined;
