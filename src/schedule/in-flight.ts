import { CONTROLS_MAX } from "../domain/capacity.ts";
import type { Drill } from "../domain/drill.ts";
import type { ControlObservation, Finding, Observation, Subject } from "../domain/observation.ts";
import { type Clock, settledWithin } from "./clock.ts";
import { REPORT_AFTER_MS } from "./round.ts";
import { isTimeout } from "./pace.ts";
import type { RunningProbe } from "./starter.ts";

/** What a probe asks, and at which URL. */
export type Whom = { url: string } & (
  | { kind: "target"; site: string; target: string; subject: Subject; drill: Drill | undefined }
  | { kind: "control" }
);

export interface Harvest {
  observations: Observation[];
  controls: ControlObservation[];
}

interface Flight {
  whom: Whom;
  probe: RunningProbe;
  /** When the probe began, by the clock as it is set now. */
  begin: number;
  patienceMs: number;
  openPatienceMs: number;
  wasSilent: boolean;
  finding: Finding | undefined;
  /** Whether a report has already said `pending`. */
  told: boolean;
  done: Promise<void>;
}

/**
 * What ended probes have found that no report has said yet. `telling` is worth a report of its own: an answer after a `pending`, or the
 * first proof that a target which answered before accepts a connection and then stays silent.
 */
export type News = "none" | "plain" | "telling";

/** The limits of a probe, as known when it begins. */
interface Limits {
  /** The target's own. */
  timeoutMs: number;
  /** A probe that has been silent for this long is reported as `pending`. */
  patienceMs: number;
  /** The same while it waits for its connection. */
  openPatienceMs: number;
  /** Whether the last look at the same subject met silence. */
  wasSilent: boolean;
}

/** The limit of one report (see ReportSchema); what exceeds it goes with the next. */
const OBSERVATIONS_MAX = 2_000;
/** A prober that never settles must not keep its slot for ever. */
const GRACE_MS = 5_000;
/** By the clock that measures them, timers ring a little early: a wait that is this little short of the timeout counts as all of it. */
const CLOCK_GRAIN_MS = 25;

/** The probes under way, and those that have ended and are in no report yet. */
export class ProbesInFlight {
  #flights: Flight[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Follows a probe to its end. Settles, and never rejects, once `learn` has had the finding, and whether `pending` was reported. */
  follow(
    whom: Whom,
    probe: RunningProbe,
    { timeoutMs, patienceMs, openPatienceMs, wasSilent }: Limits,
    learn: (finding: Finding, told: boolean) => void,
  ): Promise<void> {
    const flight: Flight = {
      whom,
      probe,
      begin: probe.begin,
      patienceMs,
      openPatienceMs,
      wasSilent,
      finding: undefined,
      told: false,
      done: Promise.resolve(),
    };
    flight.done = this.#await(probe, timeoutMs + GRACE_MS).then((finding) => {
      flight.finding = waitedOut(measured(finding, timeoutMs), timeoutMs);
      learn(flight.finding, flight.told);
    });
    this.#flights.push(flight);
    return flight.done;
  }

  async #await(probe: RunningProbe, ms: number): Promise<Finding> {
    let finding: Finding = unmeasured("the prober gave no answer", this.#clock.now() - probe.begin + ms);
    const landed = probe.finding.then(
      (found) => {
        finding = found;
      },
      (cause: unknown) => {
        finding = unmeasured(String(cause), this.#clock.now() - probe.begin);
      },
    );
    await settledWithin(this.#clock, landed, ms);
    return finding;
  }

  /**
   * What the report that leaves now should say: every finding since the last report, and, once for each probe, `pending` if the probe has
   * been silent for longer than its path's patience. Its final outcome follows under the same begin. `isWanted`: false for what is no
   * longer assigned.
   */
  harvest(isWanted: (whom: Whom) => boolean): Harvest {
    const now = this.#clock.now();
    const harvest: Harvest = { observations: [], controls: [] };
    this.#flights = this.#flights.filter((flight) => {
      if (!isWanted(flight.whom)) return flight.finding === undefined;
      const finding = flight.finding ?? this.#pending(flight, now);
      if (finding === undefined || !enter(harvest, flight, finding)) return true;
      flight.told = true;
      return flight.finding === undefined;
    });
    return harvest;
  }

  #pending(flight: Flight, now: number): Finding | undefined {
    const ageMs = now - flight.begin;
    if (flight.told || ageMs < patienceOf(flight)) return undefined;
    // A name server is silent, not the node: the final outcome will say so.
    if (flight.probe.isResolving?.() === true) return undefined;
    const connectMs = flight.probe.connectMs();
    return {
      outcome: "pending",
      stage: flight.probe.stage(),
      totalMs: ageMs,
      ...(connectMs === undefined ? {} : { connectMs }),
    };
  }

  /** The clock was set forward by `shiftMs`. */
  retime(shiftMs: number): void {
    for (const flight of this.#flights) flight.begin += shiftMs;
  }

  /** Settles when every probe now under way has ended. */
  async landed(): Promise<void> {
    await Promise.all(this.#flights.map((flight) => flight.done));
  }

  /** When the last of the silent probes will have something new to report; undefined for none. */
  get tellableAt(): number | undefined {
    const silent = this.#flights.filter(
      ({ finding, told, probe }) => finding === undefined && (!told || probe.stage() === "connect"),
    );
    if (silent.length === 0) return undefined;
    return Math.max(
      ...silent.map((flight) => flight.begin + (flight.told ? REPORT_AFTER_MS : patienceOf(flight))),
    );
  }

  get areInFlight(): boolean {
    return this.#flights.some((flight) => flight.finding === undefined);
  }

  get news(): News {
    const all = this.#flights.map(newsOf);
    if (all.includes("telling")) return "telling";
    return all.includes("plain") ? "plain" : "none";
  }
}

const patienceOf = ({ probe, patienceMs, openPatienceMs }: Flight): number =>
  probe.stage() === "connect" ? openPatienceMs : patienceMs;

/** A silence is not news if a report has said `pending`, or the last look was silent too; it may then wait for the next report. */
const newsOf = ({ finding, told, wasSilent }: Flight): News => {
  if (finding === undefined) return "none";
  if (isTimeout(finding) && wasSilent) return "none";
  if (finding.outcome === "response_timeout") return "telling";
  if (!told) return "plain";
  return isTimeout(finding) ? "none" : "telling";
};

/** A time below zero, or longer than connecting, answering and giving up can take, shows that the clock was set during the probe. */
const measured = (finding: Finding, timeoutMs: number): Finding =>
  finding.totalMs < 0 || (finding.connectMs ?? 0) < 0 || finding.totalMs > 2 * timeoutMs + GRACE_MS
    ? unmeasured("the clock was set while it was under way", 0)
    : finding;

/** A silence after the connection opened has lasted for all of the target's timeout: no prober gives up on an answer sooner. */
const waitedOut = (finding: Finding, timeoutMs: number): Finding => {
  const missingMs = timeoutMs - finding.totalMs;
  const isWhole = finding.outcome === "response_timeout" && missingMs > 0 && missingMs <= CLOCK_GRAIN_MS;
  return isWhole ? { ...finding, totalMs: timeoutMs } : finding;
};

/** A finding that is not evidence, for a probe that could not be carried out. */
export const unmeasured = (cause: string, totalMs: number): Finding => ({
  outcome: "blocked",
  stage: "unknown",
  totalMs: Math.max(0, totalMs),
  detail: cause.slice(0, 200),
});

/** False when the report is full. */
const enter = (harvest: Harvest, flight: Flight, finding: Finding): boolean => {
  const { whom } = flight;
  const begin = Math.floor(flight.begin);
  if (whom.kind === "control") {
    if (harvest.controls.length === CONTROLS_MAX) return false;
    harvest.controls.push({ ...finding, url: whom.url, begin });
    return true;
  }
  if (harvest.observations.length === OBSERVATIONS_MAX) return false;
  const { site, target, subject, drill } = whom;
  const mark = drill === undefined ? {} : { drill: { id: drill.id, live: drill.live } };
  harvest.observations.push({ ...finding, site, target, subject, begin, ...mark });
  return true;
};
