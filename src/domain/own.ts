/** What a record holds under a name that somebody else chose: `constructor` is in every object, and was put into none. */
export const ownOf = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
