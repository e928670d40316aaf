/** JSON Merge Patch, by RFC 7396. */

/** A patch as the API takes it: it changes an object, and so it is an object. */
export type Patch = Record<string, unknown>;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The result of applying `patch` to `value`: the procedure of section 2. Both are JSON, and neither is changed. A name such as `__proto__`
 * is a field like any other: objects are made from entries, and no field is ever assigned.
 */
export const patched = (value: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch;
  const fields = new Map(Object.entries(isRecord(value) ? value : {}));
  for (const [name, change] of Object.entries(patch))
    if (change === null) fields.delete(name);
    else fields.set(name, patched(fields.get(name), change));
  return Object.fromEntries(fields);
};

/** Whether objects are nested more than `levels` deep. */
export const isDeeperThan = (levels: number, value: unknown): boolean =>
  isRecord(value) && (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));
