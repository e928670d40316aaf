/** The record beside a traded token: the token's join, and the nonce with which the code is traded again. */
import { readIfThere, replaceFile } from "../files/durable.ts";

/** Only the owner may read the record and the token. */
export const OWN_MODE = 0o600;

export interface JoinRecord {
  join: string;
  nonce: string;
}

const fileOf = (tokenFile: string): string => `${tokenFile}.join`;

/** Undefined where there is no record, or it cannot be read. */
export const recordOf = (tokenFile: string): JoinRecord | undefined => {
  try {
    const { join, nonce } = JSON.parse(readIfThere(fileOf(tokenFile)) ?? "{}") as Partial<JoinRecord>;
    return typeof join === "string" && typeof nonce === "string" ? { join, nonce } : undefined;
  } catch {
    return undefined;
  }
};

/** The join whose token a file holds, where that is known. */
export const joinIn = (tokenFile: string): string | undefined => recordOf(tokenFile)?.join;

/** The record is on disk for good once this returns: a lost nonce might lock its owner out. Throws where the disk fails. */
export const keepRecord = (tokenFile: string, record: JoinRecord): void =>
  replaceFile(fileOf(tokenFile), `${JSON.stringify(record)}\n`, OWN_MODE);
