import type { Assignment } from "../../domain/report.ts";
import type { StoredReport, ReportRows } from "../../schedule/outbox.ts";
import type { Disk } from "../shared/files/disk.ts";

/** The store of a cell: its assignment, and a ring of reports, one file a slot. */
export interface FileStore extends ReportRows {
  assignment: () => Assignment | undefined;
  keepAssignment: (assignment: Assignment) => void;
}

/** Undefined for a file that is not JSON, as one that a power cut left empty. */
const parse = <T>(text: string | undefined): T | undefined => {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
};

const isKept = (row: Partial<StoredReport> | undefined): row is StoredReport =>
  typeof row?.sequence === "number" && parse(row.body) !== undefined;

const isAssignment = (assignment: Partial<Assignment> | undefined): assignment is Assignment =>
  typeof assignment?.version === "number" &&
  [assignment.targets, assignment.controls, assignment.drills].every(Array.isArray);

/** The folder of a shard. */
const folderOf = (shard: number): string => `shard-${shard}`;

/** The store of one shard. Never throws: where the disk fails, `disk` uses memory. */
export const openFileStore = (disk: Disk, shard: number): FileStore => {
  const folder = folderOf(shard);
  const fileOf = (slot: number | string): string => `${folder}/outbox/${String(slot).padStart(3, "0")}.json`;
  const rowIn = (file: string): StoredReport | undefined => {
    const row = parse<Partial<StoredReport>>(disk.read(file));
    return isKept(row) ? row : undefined;
  };
  return {
    put: (slot, row) => disk.write(fileOf(slot), JSON.stringify(row)),
    get: (slot) => rowIn(fileOf(slot)),
    newest: () => {
      let newest: StoredReport | undefined;
      for (const name of disk.list(`${folder}/outbox`)) {
        const row = /^\d+\.json$/.test(name) ? rowIn(`${folder}/outbox/${name}`) : undefined;
        if (row !== undefined && row.sequence > (newest?.sequence ?? 0)) newest = row;
      }
      return newest;
    },
    assignment: () => {
      const assignment = parse<Partial<Assignment>>(disk.read(`${folder}/assignment.json`));
      return isAssignment(assignment) ? assignment : undefined;
    },
    keepAssignment: (assignment) => disk.write(`${folder}/assignment.json`, JSON.stringify(assignment)),
  };
};

/** The number of shards with a kept assignment in a row from 0; at least 1. */
export const keptShards = (disk: Disk): number => {
  let count = 1;
  while (disk.read(`${folderOf(count)}/assignment.json`) !== undefined) count += 1;
  return count;
};
