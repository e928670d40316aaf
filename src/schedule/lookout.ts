import type { Assignment, ProbeRequest } from "../domain/report.ts";
import { type Clock, settledWithin } from "./clock.ts";
import { Docket } from "./docket.ts";
import { drillFor, isCutOff, startDrilled } from "./drilled.ts";
import { Flights, type Harvest, unmeasured, type Whom } from "./flights.ts";
import { type Look, looksOf, patientOf } from "./look.ts";
import { effectiveTimeoutMs, FRESH_PACE, learn, type Pace, patienceMs } from "./pace.ts";
import { runRound, type Turn } from "./round.ts";
import { Slots } from "./slots.ts";
import type { ProbeSpec, RunningProbe, StartProbe } from "./starter.ts";

/** On Workers; the sixth connection an invocation may hold is the autopsies'. */
const PROBE_SLOTS = 5;
/** No tick lasts longer: an alarm may run for 15 minutes, and the next one waits for it. */
const BUDGET_MAX_MS = 30_000;
const BURST_BUDGET_MS = 5_000;
const BURST_REQUESTS_MAX = 64;
/** A target looked at so shortly ago is not looked at again by a burst. */
const BURST_RECENT_MS = 300;
/** Ten seconds, less the slack by which a tick may come early. */
const CONTROL_EVERY_MS = 9_500;
/** In a burst sooner: something is silent, and whether that is the vantage's own trouble is the question. */
const CONTROL_IN_BURST_MS = 2_000;
const CONTROL_TIMEOUT_MS = 5_000;
/** Of a control any orderly answer will do: it is there to show that answers arrive. */
const CONTROL_EXPECT = { status: [200, 204, 301, 302, 304, 307, 308] };
/** Goes before whatever is due: controls and bursts are few, and wanted most when much is silent. */
const FIRST = -Infinity;

/** Looks at what is due or asked for, and gathers what the next report should say. */
export class Lookout {
  readonly #clock: Clock;
  readonly #start: StartProbe;
  readonly #docket = new Docket();
  readonly #slots: Slots;
  readonly #flights: Flights;
  readonly #controlPaces = new Map<string, Pace>();
  #controlsBegan = -Infinity;
  #assignment: Assignment | undefined;

  /** `slots`: how many probes may wait at once. */
  constructor(clock: Clock, start: StartProbe, slots = PROBE_SLOTS) {
    this.#clock = clock;
    this.#slots = new Slots(slots);
    this.#start = start;
    this.#flights = new Flights(clock);
  }

  /** Works by `assignment` from now on; `servedUntil` as in Docket.adopt. */
  adopt(assignment: Assignment, servedUntil?: number): void {
    this.#assignment = assignment;
    this.#docket.adopt(assignment.targets, servedUntil);
  }

  nextTickAt(): number | undefined {
    return this.#docket.nextTickAt(this.#clock.now());
  }

  /** How long what is due has waited for its turn, in milliseconds; undefined where all that is due is new. */
  lateMs(): number | undefined {
    const now = this.#clock.now();
    const dueAt = this.#docket.dueAt();
    return dueAt === undefined ? undefined : Math.max(0, Math.round(now - dueAt));
  }

  /** Looks at all that is due; settles when the report should leave. Constant in the targets' health. */
  async tick(): Promise<void> {
    const assignment = this.#assignment;
    const now = this.#clock.now();
    const due = this.#docket.due(now);
    if (assignment === undefined || due.length === 0) return;
    const looks = due.flatMap(looksOf);
    const turns = [
      ...this.#controlTurns(assignment, now, CONTROL_EVERY_MS),
      ...this.#turns(looks, () => true),
    ];
    await this.#run(turns, Math.min(BUDGET_MAX_MS, this.#docket.shortestIntervalMs()));
  }

  /** Looks at what is asked for, now; settles when the report should leave. */
  async burst(requests: ProbeRequest[]): Promise<void> {
    const assignment = this.#assignment;
    if (assignment === undefined) return;
    const looks = requests.slice(0, BURST_REQUESTS_MAX).flatMap(({ site, target, subject }): Look[] => {
      const entry = this.#docket.find(site, target);
      return entry === undefined ? [] : [{ entry, subject, order: FIRST }];
    });
    // Asked again when its turn comes, since a tick may have been there meanwhile.
    const turns = this.#turns(
      looks,
      ({ entry, subject }) => this.#clock.now() - entry.begun[subject] >= BURST_RECENT_MS,
    );
    const controls =
      looks.length === 0 ? [] : this.#controlTurns(assignment, this.#clock.now(), CONTROL_IN_BURST_MS);
    await this.#run([...controls, ...turns], BURST_BUDGET_MS);
  }

  /** The clock was set forward by `shiftMs`: what has begun and what was served keep their distance from now. */
  retime(shiftMs: number): void {
    this.#flights.retime(shiftMs);
    this.#docket.retime(shiftMs);
    this.#controlsBegan += shiftMs;
  }

  /** Runs `task` in a probe slot, after all probes that wait: for errands of the vantage's own. */
  hold<T>(task: () => Promise<T>): Promise<T> {
    return this.#slots.hold(Infinity, task);
  }

  /** What is to be reported now; nothing of it is handed out twice. */
  harvest(): Harvest {
    return this.#flights.harvest((whom) => this.#isAssigned(whom));
  }

  /** True while probes are under way. */
  get isLooking(): boolean {
    return this.#flights.areInFlight;
  }

  /**
   * Settles when what is silent now has ended or been silent for longer than its path's patience,
   * after `longestMs` at the latest; false at once where a report has told of everything.
   */
  async outlasted(longestMs: number): Promise<boolean> {
    const at = this.#flights.tellableAt;
    if (at === undefined) return false;
    await settledWithin(this.#clock, this.#flights.landed(), Math.min(longestMs, at - this.#clock.now()));
    return true;
  }

  /** Settles when all probes now under way have ended; true if they brought something worth a report. */
  async landed(): Promise<boolean> {
    await this.#flights.landed();
    return this.#flights.haveNews;
  }

  async #run(turns: Turn[], budgetMs: number): Promise<void> {
    if (turns.length > 0) await runRound(turns, this.#slots, this.#clock, budgetMs);
  }

  #turns(looks: Look[], isWanted: (look: Look) => boolean): Turn[] {
    const patient = patientOf(looks);
    return looks.map((look) => ({
      order: look.order,
      begin: () => (isWanted(look) ? this.#look(look, patient.has(look)) : Promise.resolve()),
    }));
  }

  async #look({ entry, subject, point }: Look, isPatient: boolean): Promise<void> {
    if (point !== undefined && subject === "target") entry.served = point;
    const { site, target, expect, headers, witness, timeoutMs: longestMs } = entry.target;
    const url = subject === "target" ? entry.target.url : witness;
    if (url === undefined || this.#assignment === undefined) return;
    const now = this.#clock.now();
    const pace = entry.pace[subject];
    const timeoutMs = effectiveTimeoutMs(pace, longestMs, isPatient);
    const drill = drillFor(this.#assignment, { site, target, subject }, now);
    entry.begun[subject] = now;
    const probe =
      drill === undefined
        ? this.#begin(subject === "target" ? { url, timeoutMs, expect, headers } : { url, timeoutMs })
        : startDrilled(drill.fault, pace, timeoutMs, this.#clock);
    const limits = { timeoutMs, patienceMs: patienceMs(pace, longestMs) };
    await this.#flights.follow(
      { kind: "target", site, target, subject, drill, url },
      probe,
      limits,
      (finding) => {
        if (drill === undefined) entry.pace[subject] = learn(entry.pace[subject], finding, longestMs);
      },
    );
  }

  #controlTurns(assignment: Assignment, now: number, everyMs: number): Turn[] {
    if (now - this.#controlsBegan < everyMs) return [];
    this.#controlsBegan = now;
    return assignment.controls.map((url) => ({
      order: FIRST,
      begin: () => this.#control(url, isCutOff(assignment, now)),
    }));
  }

  async #control(url: string, isCut: boolean): Promise<void> {
    const pace = this.#controlPaces.get(url) ?? FRESH_PACE;
    const timeoutMs = effectiveTimeoutMs(pace, CONTROL_TIMEOUT_MS, pace.curtailed > 0);
    const probe = isCut
      ? startDrilled("silence", pace, timeoutMs, this.#clock)
      : this.#begin({ url, timeoutMs, expect: CONTROL_EXPECT });
    const limits = { timeoutMs, patienceMs: patienceMs(pace, CONTROL_TIMEOUT_MS) };
    await this.#flights.follow({ kind: "control", url }, probe, limits, (finding) => {
      const known = this.#controlPaces.get(url) ?? FRESH_PACE;
      if (!isCut) this.#controlPaces.set(url, learn(known, finding, CONTROL_TIMEOUT_MS));
    });
  }

  /** A prober that throws has a bug or met an address it cannot carry: not measurable, so no evidence. */
  #begin(spec: ProbeSpec): RunningProbe {
    try {
      return this.#start(spec);
    } catch (cause) {
      return {
        begin: this.#clock.now(),
        stage: () => "unknown",
        connectMs: () => undefined,
        finding: Promise.resolve(unmeasured(String(cause), 0)),
      };
    }
  }

  #isAssigned(whom: Whom): boolean {
    if (whom.kind === "control") return true;
    const known = this.#docket.find(whom.site, whom.target)?.target;
    return (whom.subject === "target" ? known?.url : known?.witness) === whom.url;
  }
}
