/** All that the page shows, of now or of any instant: every part of it is a pure function of this. */
import type { DrillAnswer } from "../domain/drill.ts";
import type { StatedGroup } from "../domain/group.ts";
import type { HealthAnswer } from "../domain/health.ts";
import type { EvidenceAnswer } from "../domain/replay.ts";
import type { MatrixAnswer } from "../domain/matrix.ts";
import type { PastBar } from "./past-bar.tsx";
import type { ListedTransition, VerdictAnswer } from "../domain/verdict.ts";

/** What an aggregator of an earlier release does not tell, for some seconds after a deployment. */
type Late = "told" | "muted";
export type ShownVerdict = Omit<VerdictAnswer, Late> & Partial<Pick<VerdictAnswer, Late>>;
export type ShownTransition = Omit<ListedTransition, "told"> & Partial<Pick<ListedTransition, "told">>;
export type { StatedGroup } from "../domain/group.ts";
export type { EvidenceAnswer } from "../domain/replay.ts";

/** What is looked at: all, one site, or one target of it. Stands in the address, so that it can be shared. */
export interface PageView {
  site: string | null;
  /** Null unless `site` is set. */
  target: string | null;
  /** Of the rows those alone that hold this text; empty: all. */
  filter: string;
  /** The instant that is asked for, as in the address; null: now. */
  at: string | null;
}

/** What was seen of the one target that is looked at, oldest first. */
export type Evidence = Pick<
  EvidenceAnswer,
  "until" | "reachesBackTo" | "observations" | "heartbeats" | "notices"
>;

/** What a script adds to the page: null of one that is whole without. */
export interface Live {
  /** Whether what is shown is of now, in a sentence; empty while nothing is wrong. */
  trouble: string;
  /** How changes come. */
  by: "events" | "polls";
  /** Of the rows that fit those that are drawn; what lies above and below takes its room. */
  rows: { first: number; count: number; heightPx: number };
}

/** What is shown is of an instant of the past: nothing can be done about it. */
export const isPast = ({ past }: Pick<PageState, "past">): boolean => (past?.at ?? null) !== null;

export interface PageState {
  /** By the detector's clock, epoch milliseconds. */
  now: number;
  view: PageView;
  /** Where the detector is, as commands name it. */
  origin: string;
  matrix: MatrixAnswer;
  /** What is held of the targets that are shown whole: those in trouble, and the one that is looked at. */
  verdicts: ShownVerdict[];
  /** Newest first; null where nobody tells. */
  transitions: ShownTransition[] | null;
  /** Null where no one target is looked at, or what was seen is not known. */
  evidence: Evidence | null;
  /** Those under way, and, of the one target that is looked at, those of the last hour; null where nobody tells. */
  drills: DrillAnswer[] | null;
  /** Those that the view is about; null where nobody tells which there are. */
  groups: StatedGroup[] | null;
  health: Pick<HealthAnswer, "ok" | "reasons" | "warnings"> | null;
  /** A sentence for each part of the detector that did not answer: what it would have shown is missing. */
  missing: string[];
  live: Live | null;
  /** Where the page stands in the past; absent of one without a script. */
  past?: PastBar | undefined;
}
