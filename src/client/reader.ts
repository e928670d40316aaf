/** How an answer is read: a schema of `domain/`. */
export interface Reader<T> {
  safeParse: (value: unknown) => { success: true; data: T } | { success: false; error: Flaw };
}

interface Flaw {
  message: string;
  issues?: readonly object[];
}

interface UnknownKeys {
  code: "unrecognized_keys";
  path: (string | number)[];
  keys: string[];
}

const isUnknownKeys = (issue: object): issue is UnknownKeys =>
  (issue as Partial<UnknownKeys>).code === "unrecognized_keys";

const drop = (value: unknown, { path, keys }: UnknownKeys): void => {
  let at = value as Record<string, unknown>;
  for (const step of path) at = at[step] as Record<string, unknown>;
  for (const key of keys) delete at[key];
};

/** How many nested layers of unknown fields are dropped. */
const DEEPEST = 5;

/**
 * The same schema for the answers of a newer detector: unknown fields are dropped wherever they stand, while a known field must match the
 * schema. Changes `value`.
 */
export const tolerant = <T>(schema: Reader<T>): Reader<T> => ({
  safeParse: (value) => {
    let parsed = schema.safeParse(value);
    for (let round = 0; round < DEEPEST && !parsed.success; round++) {
      const unknown = (parsed.error.issues ?? []).filter(isUnknownKeys);
      if (unknown.length === 0) break;
      for (const issue of unknown) drop(value, issue);
      parsed = schema.safeParse(value);
    }
    return parsed;
  },
});

/** For answers without a body. */
export const NO_BODY: Reader<null> = { safeParse: () => ({ success: true, data: null }) };
