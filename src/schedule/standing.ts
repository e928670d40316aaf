import type { Finding } from "../domain/observation.ts";
import type { Clock } from "./clock.ts";
import { isTimeout, SLOW_MS } from "./pace.ts";

/** After this many looks at a site that were late or not answered, without an answer since, the whole site is in doubt. */
const DOUBT_MIN = 3;

interface Run {
  /** Later than usual, whether ended or not. */
  late: number;
  /** Ended in silence. */
  ended: number;
}

/** How the sites look to one vantage: whether a target there is likely to answer. */
export class SiteStanding {
  /** By site, the looks missed there since its last answer. */
  readonly #runs = new Map<string, Run>();
  /** By site, how long the last connection took to open there, if that was long. */
  readonly #slow = new Map<string, number>();
  readonly #changed: () => void;

  /** Calls `changed` whenever a site comes into doubt or out of it. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether so many looks are late that a target there may stay silent. */
  isInDoubt(site: string): boolean {
    return (this.#runs.get(site)?.late ?? 0) >= DOUBT_MIN;
  }

  /** Whether so many looks ended in silence that the site has not just become slow. */
  isSilent(site: string): boolean {
    return (this.#runs.get(site)?.ended ?? 0) >= DOUBT_MIN;
  }

  /** How long a connection took there lately, if that was long: connections to siblings, by the same path, will take as long. Else 0. */
  slowMs(site: string): number {
    return this.#slow.get(site) ?? 0;
  }

  /**
   * Follows a look at the site that has begun. The caller passes the finding to the function returned. The look counts as late once its
   * path would usually have answered: if it counted only at the end of its timeout, many more looks would have begun in vain by then.
   */
  follow(site: string, clock: Clock, lateAfterMs: number): (finding: Finding) => void {
    let isLate = false;
    const note = (ended: number): void => {
      this.#miss(site, { late: isLate ? 0 : 1, ended });
      isLate = true;
    };
    const cancel = clock.after(lateAfterMs, () => note(0));
    return (finding) => {
      cancel();
      if (isTimeout(finding)) note(1);
      // A probe that could not be measured shows nothing.
      else if (finding.outcome !== "blocked") this.#answered(site, finding.connectMs ?? finding.totalMs);
    };
  }

  #miss(site: string, more: Run): void {
    const { late, ended } = this.#runs.get(site) ?? { late: 0, ended: 0 };
    this.#runs.set(site, { late: late + more.late, ended: ended + more.ended });
    if (late < DOUBT_MIN && late + more.late >= DOUBT_MIN) this.#changed();
  }

  #answered(site: string, openMs: number): void {
    const wasInDoubt = this.isInDoubt(site);
    if (openMs >= SLOW_MS) this.#slow.set(site, openMs);
    else this.#slow.delete(site);
    this.#runs.delete(site);
    if (wasInDoubt) this.#changed();
  }
}
