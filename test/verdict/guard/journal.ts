/** Recorded journals with both judges. */
import { readFileSync } from "node:fs";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import { readShard } from "./shard.ts";
import { compare, emptyPair, pairOf } from "./compare.ts";
import { Counting, type Tally } from "./tally.ts";

export interface JournalTask {
  file: string;
}

type Entry = { events: EvidenceEvent[] } & ({ now: number } | { at: number });

/** A list of judgements' inputs, or one with what was remembered before it. */
type Recorded = Entry[] | { judgements: Entry[]; snapshot?: string | null };

export const judgeJournal = ({ file }: JournalTask): Tally => {
  const recorded = file.endsWith(".sqlite")
    ? readShard(file)
    : (JSON.parse(readFileSync(file, "utf8")) as Recorded);
  const { judgements, snapshot } = Array.isArray(recorded)
    ? { judgements: recorded, snapshot: null }
    : recorded;
  const counting = new Counting();
  counting.begin(file);
  let pair = typeof snapshot === "string" ? pairOf(snapshot) : emptyPair();
  for (const entry of judgements) {
    const now = "now" in entry ? entry.now : entry.at;
    const compared = compare(pair, entry.events, now);
    counting.count(compared, now);
    pair = compared.after;
  }
  return counting.tally;
};
