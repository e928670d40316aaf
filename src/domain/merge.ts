/** JSON Merge Patch, by RFC 7396. */

/** What a patch is for us: it changes an object, and so it is one. */
export type Patch = Record<string, unknown>;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What `patch` makes of `value`: the procedure of section 2. Both are JSON, and neither is changed. A name such as `__proto__` is a
 * field like any other: objects are made of entries, and no field is ever assigned.
 */
export const patched = (value: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch;
  const fields = new Map(Object.entries(isRecord(value) ? value : {}));
  for (const [name, change] of Object.entries(patch))
    if (change === null) fields.delete(name);
    else fields.set(name, patched(fields.get(name), change));
  return Object.fromEntries(fields);
};

/** Whether there are more than `levels` objects within each other. */
export const isDeeperThan = (levels: number, value: unknown): boolean =>
  isRecord(value) && (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));
