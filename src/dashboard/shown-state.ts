/** All that the page shows, now or at an instant of the past. Every part of the page is a pure function of this state. */
import type { DrillAnswer } from "../domain/drill.ts";
import type { StatedGroup } from "../domain/group.ts";
import type { HealthAnswer } from "../domain/health.ts";
import type { EvidenceAnswer } from "../domain/replay.ts";
import type { MatrixAnswer } from "../domain/matrix.ts";
import type { PastBar } from "./past-bar.tsx";
import type { ListedTransition, VerdictAnswer } from "../domain/verdict.ts";

/** Fields that an aggregator of an earlier release does not send, for some seconds after a deployment. */
type Late = "told" | "muted";
export type ShownVerdict = Omit<VerdictAnswer, Late> & Partial<Pick<VerdictAnswer, Late>>;
export type ShownTransition = Omit<ListedTransition, "told"> & Partial<Pick<ListedTransition, "told">>;
export type { StatedGroup } from "../domain/group.ts";
export type { EvidenceAnswer } from "../domain/replay.ts";

/** What the page shows: everything, one site, or one target of it. The address contains it, so that a view can be shared. */
export interface PageView {
  site: string | null;
  /** Null unless `site` is set. */
  target: string | null;
  /** Only rows that contain this text are shown; empty: all. */
  filter: string;
  /** The instant to show, as in the address; null: now. */
  at: string | null;
}

/** The evidence of the one target in view, oldest first. */
export type Evidence = Pick<
  EvidenceAnswer,
  "until" | "reachesBackTo" | "observations" | "heartbeats" | "notices"
>;

/** What a script adds to the page; null for a page that is complete without one. */
export interface Live {
  /** A sentence on why the page may be out of date; empty while nothing is wrong. */
  trouble: string;
  /** How the page learns of changes. */
  by: "events" | "polls";
  /** Which of the matching rows are drawn. The others keep their space above and below. */
  rows: { first: number; count: number; heightPx: number };
}

/** Whether the page shows an instant of the past, where no act is possible. */
export const isPast = ({ past }: Pick<PageState, "past">): boolean => (past?.at ?? null) !== null;

export interface PageState {
  /** By the detector's clock, epoch milliseconds. */
  now: number;
  view: PageView;
  /** The detector's address, as commands contain it. */
  origin: string;
  matrix: MatrixAnswer;
  /** The verdicts of the targets shown with a card: those in trouble, and the one in view. */
  verdicts: ShownVerdict[];
  /** Newest first; null where the detector gave no answer. */
  transitions: ShownTransition[] | null;
  /** Null where the view is not of one target, or its evidence is not known. */
  evidence: Evidence | null;
  /** Drills under way and, for a view of one target, those of the last hour; null where the detector gave no answer. */
  drills: DrillAnswer[] | null;
  /** The groups that the view is about; null where the list of groups is not known. */
  groups: StatedGroup[] | null;
  health: Pick<HealthAnswer, "ok" | "reasons" | "warnings"> | null;
  /** A sentence for each part of the detector that did not answer, whose content is missing. */
  missing: string[];
  live: Live | null;
  /** The page's place in the past; absent on a page without a script. */
  past?: PastBar | undefined;
}
