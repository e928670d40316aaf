/** What a cause is: a target in trouble, or a site where many are. */
import { VERDICTS } from "../domain/verdict.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Severity } from "./format/note.ts";

/** A target as it is held now. */
export interface SeenTarget {
  site: string;
  target: string;
  verdict: Verdict;
  confirmed: boolean;
  because: string;
  /** Since when, as it leaves Parallax. */
  since: string;
  /** For how long, in milliseconds. */
  ageMs: number;
  routing: string;
  failover: boolean;
  muted: boolean;
  /** It belongs to the fall of its whole site. */
  isOfFall: boolean;
  /** The drill it rests on. One that is not live is nobody's trouble. */
  drill: { id: string; live: boolean } | null;
}

/** What is held now. `look`: of a key `site/target`; null where it is not watched. */
export interface Scene {
  at: string;
  /** All that is not well, and maybe more. */
  troubled: readonly SeenTarget[];
  look: (key: string) => SeenTarget | null;
}

/** A cause that a webhook was told of and that is not over. */
export interface NotifiedCause {
  /** A site, or `site/target`. */
  key: string;
  since: string;
  /** Targets in it that are not well. */
  members: string[];
  /** The most that were in it, by name as far as they are listed. */
  listed: string[];
  count: number;
  /** Targets of the site that were in trouble as causes of their own when it began. */
  besides: number;
  /** How grave it was told to be: of a target the rank of its severity, of a site how many are to fail over. A word follows where it gets graver. */
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

/** Whether it is a whole site's. */
export const isOfSite = ({ key }: Pick<NotifiedCause, "key">): boolean => !key.includes("/");
