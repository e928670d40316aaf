/** What a cause is: a target in trouble, or a site where many are. */
import { VERDICTS } from "../domain/verdict.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Severity } from "./format/note.ts";

/** A target and what holds of it now. */
export interface SeenTarget {
  site: string;
  target: string;
  verdict: Verdict;
  confirmed: boolean;
  because: string;
  /** Since when, in the text form in which instants leave Parallax. */
  since: string;
  /** For how long, in milliseconds. */
  ageMs: number;
  routing: string;
  failover: boolean;
  muted: boolean;
  /** It belongs to the fall of its whole site. */
  isOfFall: boolean;
  /** The drill that the verdict rests on. A drill that is not live neither begins nor ends a cause. */
  drill: { id: string; live: boolean } | null;
}

/** What holds now. `look` finds a target by its key `site/target`; null where the target is not watched. */
export interface Scene {
  at: string;
  /** All targets that are not well, and maybe others. */
  troubled: readonly SeenTarget[];
  look: (key: string) => SeenTarget | null;
}

/** A cause that a webhook has reported and that is not over. */
export interface NotifiedCause {
  /** A site, or `site/target`. */
  key: string;
  since: string;
  /** Targets in it that are not well. */
  members: string[];
  /** Names of the targets that have been in it, as far as they are listed. `count` is the most that were in it at once. */
  listed: string[];
  count: number;
  /** Targets of the site that were in trouble as causes of their own when it began. */
  besides: number;
  /**
   * How grave the webhook reported it to be: for a target the rank of its severity, for a site how many targets are to fail over. Another
   * message follows when it gets graver.
   */
  level: number;
}

export const causeKey = ({ site, target }: Pick<SeenTarget, "site" | "target">): string =>
  `${site}/${target}`;

/** The least grave first. */
const SEVERITIES: readonly Severity[] = ["info", "warning", "error", "critical"];

export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

export const severityOf = ({ verdict, failover }: SeenTarget): Severity => {
  if (failover) return "critical";
  return VERDICTS[verdict].isDown ? "error" : "warning";
};

/** Whether the cause is a whole site. */
export const isOfSite = ({ key }: Pick<NotifiedCause, "key">): boolean => !key.includes("/");
