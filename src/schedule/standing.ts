import type { Finding } from "../domain/observation.ts";
import type { Clock } from "./clock.ts";
import { isTimeout, SLOW_MS } from "./pace.ts";

/** Looks at a site that are late or were not answered, without an answer since, from which on all of it is in doubt. */
const DOUBT_MIN = 3;

interface Run {
  /** Later than usual, whether ended or not. */
  late: number;
  /** Ended in silence. */
  ended: number;
}

/** How the sites stand with one vantage: whether what is looked at there is likely to answer. */
export class SiteStanding {
  /** By site, what was missed there since its last answer. */
  readonly #runs = new Map<string, Run>();
  /** By site, how long the connection took that opened last there, where that was long. */
  readonly #slow = new Map<string, number>();
  readonly #changed: () => void;

  /** Calls `changed` whenever a site comes into doubt or out of it. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** So much is late that what is looked at there may keep silent. */
  isInDoubt(site: string): boolean {
    return (this.#runs.get(site)?.late ?? 0) >= DOUBT_MIN;
  }

  /** So much has been silent to its end that it is more than a site that has become slow. */
  isSilent(site: string): boolean {
    return (this.#runs.get(site)?.ended ?? 0) >= DOUBT_MIN;
  }

  /** How long a connection took there lately, where that was long: then its siblings', by the same path, will take as long; else 0. */
  slowMs(site: string): number {
    return this.#slow.get(site) ?? 0;
  }

  /**
   * Follows a look at the site that has begun. The caller passes the finding to the function returned. The look counts as late
   * once its path would usually have answered: by the end of its timeout many more would have begun in vain.
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
      // What could not be measured says nothing.
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
