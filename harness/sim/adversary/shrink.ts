/**
 * The shortest list of events that still breaks a law for the same target: whole targets and vantages go first, then calls,
 * events and single observations, by halves and then by ever smaller parts (Zeller and Hildebrandt, "Simplifying and isolating
 * failure-inducing input", 2002).
 */
import { judge as production } from "../../../src/verdict/judge.ts";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import type { Judge } from "../parallax/aggregator.ts";
import {
  asTold,
  type Breach,
  type Facts,
  type Law,
  type Moment,
  targetsIn,
  type Told,
  withAlarms,
} from "./history.ts";
import { rosterIn } from "./looks.ts";
import { filtered, withoutTargets, withoutVantages } from "./without.ts";

/** Lists judged at most, for one finding: what is left then is short enough to be read. */
const TRIALS_MAX = 1_500;

export interface Shrunk {
  told: readonly Told[];
  facts: Facts;
  /** The judge is woken by its own alarms between the calls; otherwise the calls say when. */
  isWoken: boolean;
  breach: Breach;
}

/** The list played to a judge, as it was when it was found. */
export const replayed = (
  judge: Judge,
  { told, facts, isWoken }: Omit<Shrunk, "breach">,
  until?: number,
): Moment[] => {
  if (!isWoken) return asTold(judge, told);
  return withAlarms(judge, told, facts.held, until ?? (told.at(-1)?.now ?? 0) + 1);
};

/** The breach that a list still is, if any; judged no further than where it was last seen to break. */
type Trial = (told: readonly Told[]) => Breach | null;

/** The smallest part of `whole` found that `holds`; `whole` itself is known to. */
export const minimised = <T>(whole: readonly T[], holds: (part: T[]) => boolean): readonly T[] => {
  let [left, parts] = [whole, 2];
  while (left.length >= 2 || (left.length === 1 && parts === 2)) {
    const size = Math.ceil(left.length / parts);
    let next: readonly T[] | null = null;
    for (let from = 0; from < left.length && next === null; from += size) {
      const rest = [...left.slice(0, from), ...left.slice(from + size)];
      if (holds(rest)) next = rest;
    }
    if (next !== null) {
      left = next;
      parts = Math.max(2, parts - 1);
    } else if (size <= 1) break;
    else parts = Math.min(left.length, 2 * parts);
  }
  return left;
};

class Shrinker {
  readonly #trial: Trial;
  told: readonly Told[];
  breach: Breach;
  #trials = 0;

  constructor(told: readonly Told[], breach: Breach, trial: Trial) {
    this.told = told;
    this.breach = breach;
    this.#trial = trial;
  }

  /** Takes the list if it still breaks the law. */
  try(told: readonly Told[]): boolean {
    if (this.#trials >= TRIALS_MAX) return false;
    this.#trials += 1;
    // What comes after the breach has no part in it.
    const breach = this.#trial(told);
    if (breach === null) return false;
    this.told = told.filter(({ now }) => now <= breach.at);
    this.breach = breach;
    return true;
  }

  wholes(key: string): void {
    const told = this.told;
    const others = [...targetsIn(told).keys()].filter((one) => one !== key);
    const left = minimised(others, (kept) => {
      const gone = new Set(others.filter((one) => !kept.includes(one)));
      return this.try(filtered(told, withoutTargets(gone)));
    });
    const fewer = filtered(told, withoutTargets(new Set(others.filter((one) => !left.includes(one)))));
    const ids = [...rosterIn(told).keys()];
    minimised(ids, (kept) => {
      const gone = new Set(ids.filter((id) => !kept.includes(id)));
      return this.try(filtered(fewer, withoutVantages(gone)));
    });
  }

  calls(): void {
    minimised(this.told, (kept) => this.try(kept));
  }

  /** Observations and controls, one by one. */
  details(): void {
    const details = this.told.flatMap(({ events }) => events.flatMap(detailsOf));
    const told = this.told;
    minimised(details, (kept) => {
      const left = new Set<object>(kept);
      return this.try(filtered(told, (event) => only(event, left)));
    });
  }
}

const detailsOf = (event: EvidenceEvent): object[] =>
  event.kind === "report" ? [...event.report.observations, ...event.report.controls] : [];

const only = (event: EvidenceEvent, left: ReadonlySet<object>): EvidenceEvent => {
  if (event.kind !== "report") return event;
  const { report } = event;
  const observations = report.observations.filter((one) => left.has(one));
  return {
    kind: "report",
    report: { ...report, observations, controls: report.controls.filter((one) => left.has(one)) },
  };
};

/** What is true of the vantages and targets that are left. */
const factsLeft = (facts: Facts, told: readonly Told[]): Facts => {
  const keys = new Set(targetsIn(told).keys());
  const ids = new Set(rosterIn(told).keys());
  const isLeft = ({ key, vantage }: Facts["served"][number]): boolean => keys.has(key) && ids.has(vantage);
  return {
    ...facts,
    served: facts.served.filter(isLeft),
    clear: facts.clear.filter(isLeft),
    unsound: facts.unsound.filter(({ vantage }) => ids.has(vantage)),
  };
};

/** A history's breach of a law, made short. Null where it cannot be had again from the events alone. */
export const shrunk = (
  moments: readonly Told[],
  facts: Facts,
  law: Law,
  found: Breach,
  judge: Judge = production,
): Shrunk | null => {
  for (const isWoken of [true, false]) {
    const trial: Trial = (told) => {
      const until = isWoken ? found.at + 1 : undefined;
      const history = { moments: replayed(judge, { told, facts, isWoken }, until), facts };
      return (
        law.breaches(history, judge).find(({ key, kind }) => key === found.key && kind === found.kind) ?? null
      );
    };
    const told = moments.filter(({ now, events }) => now <= found.at && (!isWoken || events.length > 0));
    const breach = trial(told);
    if (breach === null) continue;
    const shrinker = new Shrinker(told, breach, trial);
    shrinker.wholes(found.key);
    if (law.grain === "events") {
      shrinker.calls();
      shrinker.details();
      shrinker.calls();
    }
    return { told: shrinker.told, facts: factsLeft(facts, shrinker.told), isWoken, breach: shrinker.breach };
  }
  return null;
};
