/** What a checker says of one thing it watches. */
export interface Named {
  /** As the checker shows it, and as `--map` names it. */
  name: string;
  /** What `parallax import` would take for its site; undefined where the checker has none. */
  site: string | undefined;
  /** What `parallax import` would take for its target's name. */
  target: string;
  /** Null: it says neither. Undefined: it stays with what it said before. */
  up: boolean | null | undefined;
}

/** Asks a checker once. Rejects where it does not answer, or answers something else; the message says what would be right. */
export type Poll = (stop: AbortSignal) => Promise<Named[]>;

/** A checker that lists more is asked by a narrower query, or followed in parts. */
export const MAX_NAMES = 10_000;
const MAX_NAME_LENGTH = 500;

/** What is wrong with what a checker lists, where there is something. */
export const listedNames = (found: Named[]): Named[] => {
  if (found.length > MAX_NAMES) throw new Error(`it lists ${found.length} names: at most ${MAX_NAMES}`);
  const long = found.find(({ name }) => name.length > MAX_NAME_LENGTH);
  if (long !== undefined) throw new Error(`a name is longer than ${MAX_NAME_LENGTH} characters`);
  return found;
};

/** A field of what may be anything. */
export const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, field)
    ? (value as Record<string, unknown>)[field]
    : undefined;
