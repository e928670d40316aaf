/** What a shard has stored, as a recorded journal. */
import { DatabaseSync } from "node:sqlite";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";

interface Stored {
  judgements: { at: number; events: EvidenceEvent[] }[];
  /** What was remembered before them; null where they begin with the first. */
  snapshot: string | null;
}

/** All of the journal where it is whole, else what follows the snapshot. Throws where there is neither. */
export const readShard = (file: string): Stored => {
  const database = new DatabaseSync(file);
  const rows = database.prepare("SELECT id, at, events FROM journal ORDER BY id").all();
  const parts = database.prepare("SELECT body FROM snapshot ORDER BY part").all();
  database.close();
  const entries = rows.map((row) => ({
    id: Number(row["id"]),
    at: Number(row["at"]),
    events: JSON.parse(String(row["events"])) as EvidenceEvent[],
  }));
  if (entries[0]?.id === 1) return { judgements: entries, snapshot: null };
  if (parts.length === 0) throw new Error(`${file}: the journal's begin is gone, and there is no snapshot`);
  const [position = "", snapshot = ""] = parts
    .map((row) => String(row["body"]))
    .join("")
    .split("\n", 2);
  const { journal } = JSON.parse(position) as { journal: number };
  return { judgements: entries.filter(({ id }) => id > journal), snapshot };
};
