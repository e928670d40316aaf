/**
 * A record's own value under a name that a user chose: `constructor`, for example, is found in every object without having been put there.
 */
export const ownOf = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
