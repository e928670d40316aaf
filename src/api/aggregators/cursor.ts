/** The position of a stream of events: a place in each shard it follows. Clients get it and send it back; only this API reads it. */
export type Cursor = ReadonlyMap<number, string>;

const MAX_CHARACTERS = 16_384;
const PART = /^(\d{1,4})-(\d{1,12}\.\d{1,6})$/;

export const encodeCursor = (cursor: Cursor): string =>
  [...cursor].map(([shard, place]) => `${shard}-${place}`).join("_");

/** The cursor in a text, or null where the text is not one of ours. */
export const decodeCursor = (text: string): Cursor | null => {
  if (text.length > MAX_CHARACTERS) return null;
  const cursor = new Map<number, string>();
  for (const part of text.split("_")) {
    const [, shard, place] = PART.exec(part) ?? [];
    if (shard === undefined || place === undefined) return null;
    cursor.set(Number(shard), place);
  }
  return cursor;
};
