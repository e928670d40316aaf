import { controlExpect } from "../domain/kinds.ts";
import type { Finding, Subject } from "../domain/observation.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { AssignedTarget, Assignment, ProbeRequest, ToldTurns } from "../domain/report.ts";
import { type Clock, settledWithin } from "./clock.ts";
import { Crowd } from "./crowd.ts";
import { ProbeSchedule } from "./due-probes.ts";
import { drillFor, isCutOff, startDrilled } from "./drilled.ts";
import { ProbesInFlight, type Harvest, type News, unmeasured, type Whom } from "./in-flight.ts";
import { Holding } from "./holding.ts";
import { type DueLook, looksOf, patientOf, silentOrder } from "./look.ts";
import {
  FRESH_PACE,
  isProven,
  isTimeout,
  lateAfterMs,
  learn,
  type Pace,
  patiencesOf,
  waitsFor,
} from "./pace.ts";
import { type Begun, REPORT_AFTER_MS, Round, type Turn } from "./round.ts";
import { type Claim, FIRST, Slots } from "./slots.ts";
import { SiteStanding } from "./standing.ts";
import type { RunningProbe, ScheduledSpec, StartProbe } from "./starter.ts";

/** How many probes may wait at once if the owner does not say: what one invocation on Workers carries. */
const PROBE_SLOTS = 5;
/** No report waits longer for its turns: an alarm may run for 15 minutes, and the next alarm waits for it. */
const BUDGET_MAX_MS = 30_000;
const BURST_BUDGET_MS = 5_000;
const BURST_REQUESTS_MAX = 64;
/** A burst does not look at a target again this soon after the last look. */
const BURST_RECENT_MS = 300;
/** Ten seconds, less the slack by which a tick may come early. */
const CONTROL_EVERY_MS = 9_500;
/** A burst looks at controls sooner: something is silent, and the vantage itself may be the cause. */
const CONTROL_IN_BURST_MS = 1_000;
const CONTROL_TIMEOUT_MS = 5_000;
/** The late looks of one round share a report: those of a site begin within this time of each other. */
const SHUT_GATHER_MS = 100;
type LookTest = (look: DueLook) => boolean;
const NOTHING: Begun = { ended: Promise.resolve(), told: Promise.resolve() };

/** Whether it failed, and not as it did the last time. A first look is not news. */
const isTrouble = ({ outcome }: Finding, before: Outcome | undefined): boolean =>
  outcome !== "ok" && before !== undefined && outcome !== before;

const urlOf = ({ url, witness }: AssignedTarget, subject: Subject): string =>
  subject === "target" ? url : (witness ?? "");

/** Probes what is due or asked for, and gathers what the next report should say. */
export class RoundProber {
  readonly #clock: Clock;
  readonly #start: StartProbe;
  readonly #schedule = new ProbeSchedule();
  readonly #slotCount: number;
  readonly #slots: Slots;
  readonly #holding: Holding;
  readonly #flights: ProbesInFlight;
  readonly #controlPaces = new Map<string, Pace>();
  readonly #rounds = new Set<Round>();
  readonly #standing: SiteStanding;
  #patient = 0;
  #controlsBegan = -Infinity;
  #alert: () => void = () => undefined;
  #assignment: Assignment | undefined;

  /** `slots`: how many probes may wait at once. */
  constructor(clock: Clock, start: StartProbe, slots = PROBE_SLOTS) {
    this.#clock = clock;
    this.#slotCount = slots;
    this.#slots = new Slots(slots);
    this.#holding = new Holding(slots);
    this.#start = start;
    this.#flights = new ProbesInFlight(clock);
    this.#standing = new SiteStanding(() => {
      this.#slots.serve();
      for (const round of this.#rounds) round.review();
    });
  }

  /** Takes over what a predecessor last reported of its turns. */
  recall({ heldMs }: ToldTurns): void {
    if (heldMs !== undefined) this.#holding.recall(heldMs, this.#clock.now());
  }

  /** What is to be reported of the turns since the last call. */
  takeTurns(): ToldTurns {
    const { heldMs } = this.#holding;
    return {
      ...this.#schedule.takeTurns(),
      slots: this.#slotCount,
      ...(heldMs === null ? {} : { heldMs: Math.round(heldMs) }),
    };
  }

  /** `alert` is called when a look has found something that the last look at the same subject did not: that waits for no other look. */
  onTrouble(alert: () => void): void {
    this.#alert = alert;
  }

  /** Works by `assignment` from now on; `servedUntil` as in ProbeSchedule.adopt. */
  adopt(assignment: Assignment, servedUntil?: number): void {
    // New controls are probed with the next tick, not only when the old ones would have had their turn.
    if (String(assignment.controls) !== String(this.#assignment?.controls)) this.#controlsBegan = -Infinity;
    this.#assignment = assignment;
    this.#schedule.adopt(assignment.targets, servedUntil);
  }

  nextTickAt(): number | undefined {
    return this.#schedule.nextTickAt(this.#clock.now());
  }

  /** How long the targets that are due have waited for their turn, in milliseconds; undefined if all of them are new. */
  lateMs(): number | undefined {
    const now = this.#clock.now();
    const dueAt = this.#schedule.dueAt();
    return dueAt === undefined ? undefined : Math.max(0, Math.round(now - dueAt));
  }

  /**
   * Looks at all targets that are due; settles when the report should leave. The report waits for targets that are likely to answer. Those
   * that may stay silent have their turn in the slots left over, if need be afterwards, and a later report covers them.
   */
  async tick(): Promise<void> {
    const assignment = this.#assignment;
    const now = this.#clock.now();
    this.#schedule.count(now);
    const due = this.#schedule.due(now);
    if (assignment === undefined || due.length === 0) return;
    const looks = due.flatMap(looksOf);
    for (const { entry } of due) entry.isInLine = true;
    const isAnyProven = looks.some((look) => !this.#isDoubtful(look));
    const turns = [
      ...this.#controlTurns(assignment, now, CONTROL_EVERY_MS),
      ...this.#turns(
        looks,
        () => true,
        // If no target is known to answer, as after a start, the report waits for all new ones.
        (look) => !this.#isDoubtful(look) || (!isAnyProven && !this.#isSilent(look)),
      ),
    ];
    await this.#begin(turns).reported(Math.min(BUDGET_MAX_MS, this.#schedule.shortestIntervalMs()), "ended");
  }

  /** Looks at what the judge asks for, now; settles when the report should leave. */
  async burst(requests: ProbeRequest[]): Promise<void> {
    const assignment = this.#assignment;
    if (assignment === undefined) return;
    const now = this.#clock.now();
    const crowd = new Crowd();
    const looks = requests.slice(0, BURST_REQUESTS_MAX).flatMap(({ site, target, subject }): DueLook[] => {
      const entry = this.#schedule.find(site, target);
      if (entry === undefined || crowd.isAt(urlOf(entry.target, subject))) return [];
      // If much of a site is silent, a requested look does not go before a look whose verdict is about to expire.
      const order =
        this.#standing.isInDoubt(site) && entry.pace[subject].unanswered > 0 ? silentOrder(now) : FIRST;
      // A requested target is in question: only a new connection shows what a new client would meet.
      return [{ entry, subject, order, isScheduled: false, isFresh: true }];
    });
    // Checked again when the turn comes, since a tick may have looked at the target meanwhile.
    const turns = this.#turns(
      looks,
      ({ entry, subject }) => this.#clock.now() - entry.begun[subject] >= BURST_RECENT_MS,
      (look) => !this.#isDoubtful(look) || this.#clock.now() - now < REPORT_AFTER_MS,
    );
    const controls = looks.length === 0 ? [] : this.#controlTurns(assignment, now, CONTROL_IN_BURST_MS);
    const round = this.#begin([...controls, ...turns]);
    const forget = this.#clock.after(REPORT_AFTER_MS, () => round.review());
    const giveUp = this.#clock.after(BURST_BUDGET_MS, () => round.withdraw());
    void round.over.then(giveUp);
    await round.reported(BURST_BUDGET_MS, "told");
    forget();
  }

  /** The clock was set forward by `shiftMs`: the begins of probes and the grid points served move along. */
  retime(shiftMs: number): void {
    this.#flights.retime(shiftMs);
    this.#schedule.retime(shiftMs);
    this.#holding.retime(shiftMs);
    this.#controlsBegan += shiftMs;
  }

  /** Runs `task` in a probe slot, after all probes that wait: for the vantage's own requests. */
  hold<T>(task: () => Promise<T>): Promise<T> {
    return this.#slots.hold(Infinity, task);
  }

  /** What is to be reported now; nothing is handed out twice. */
  harvest(): Harvest {
    return this.#flights.harvest((whom) => this.#isAssigned(whom));
  }

  /** True while probes are under way or wait for their turn. */
  get isLooking(): boolean {
    return this.#flights.areInFlight || this.#rounds.size > 0;
  }

  /**
   * Settles when every probe silent now has ended, been silent for longer than its path's patience, or waited for its connection for as
   * long as a given-up connection is waited for; after `longestMs` at the latest. False at once if reports have covered everything.
   */
  async outlasted(longestMs: number): Promise<boolean> {
    const at = this.#flights.tellableAt;
    if (at === undefined) return false;
    await settledWithin(this.#clock, this.#flights.landed(), Math.min(longestMs, at - this.#clock.now()));
    return true;
  }

  /** Settles when all probes now under way, or in line, have ended. */
  async landed(): Promise<void> {
    await Promise.all([...this.#rounds].map(({ over }) => over));
    await this.#flights.landed();
  }

  /** What there is to report of probes that have ended. */
  get news(): News {
    return this.#flights.news;
  }

  #begin(turns: Turn[]): Round {
    const round = new Round(turns, this.#slots, this.#clock);
    this.#rounds.add(round);
    void round.over.then(() => this.#rounds.delete(round));
    return round;
  }

  #turns(looks: DueLook[], isWanted: LookTest, isAwaited: LookTest): Turn[] {
    const patient = patientOf(looks);
    return looks.map((look) => ({
      order: look.order,
      claim: { site: look.entry.target.site, isDoubtful: () => this.#isDoubtful(look) },
      isAwaited: () => isAwaited(look),
      begin: () => (isWanted(look) ? this.#look(look, patient.indexOf(look)) : NOTHING),
    }));
  }

  /** Whether the target is not known to answer. */
  #isDoubtful({ entry, subject }: DueLook): boolean {
    return !isProven(entry.pace[subject]) || this.#standing.isInDoubt(entry.target.site);
  }

  #isSilent({ entry, subject }: DueLook): boolean {
    return entry.pace[subject].unanswered > 0 || this.#standing.isInDoubt(entry.target.site);
  }

  /** `patience`: its rank among the looks of its round that may wait the whole timeout, -1 for none. */
  #look({ entry, subject, isScheduled, isFresh }: DueLook, patience: number): Begun {
    if (!this.#schedule.holds(entry)) return NOTHING;
    if (isScheduled && subject === "target") this.#schedule.serve(entry, this.#clock.now());
    const { site, target, expect, headers, timeoutMs, publicOnly } = entry.target;
    const url = urlOf(entry.target, subject);
    if (url === "" || this.#assignment === undefined) return NOTHING;
    const now = this.#clock.now();
    const pace = entry.pace[subject];
    const isSiteSilent = this.#standing.isSilent(site);
    const isPatient = patience === 0 ? !isSiteSilent || this.#patient === 0 : patience > 0 && !isSiteSilent;
    const waits = waitsFor(pace, timeoutMs, {
      isPatient,
      isSiteSilent,
      siblingMs: this.#standing.slowMs(site),
    });
    const drill = drillFor(this.#assignment, { site, target, subject }, now);
    entry.begun[subject] = now;
    // A failure counts as over only once a new connection has shown it.
    const fresh = isFresh || entry.found[subject] !== "ok";
    const probe =
      drill === undefined
        ? this.#probe({
            url,
            ...waits,
            fresh,
            publicOnly,
            ...(subject === "target" ? { expect, headers } : {}),
          })
        : startDrilled(drill.fault, pace, { url, ...waits }, this.#clock);
    const limits = { ...patiencesOf(pace, timeoutMs), wasSilent: waits.wasSilent };
    const before = entry.found[subject];
    if (isPatient) this.#patient += 1;
    // Some probes go on after the time that their finding names, to see whether a silence lasts.
    const heldMs = ({ totalMs }: Finding): number =>
      Math.max(totalMs, this.#clock.now() - entry.begun[subject]);
    const heed = this.#standing.follow(site, this.#clock, lateAfterMs(pace));
    const ended = this.#flights.follow(
      { kind: "target", site, target, subject, drill, url },
      probe,
      limits,
      (finding, told) => {
        if (isPatient) this.#patient -= 1;
        heed(finding);
        entry.found[subject] = finding.outcome;
        if (told ? !isTimeout(finding) : isTrouble(finding, before)) this.#alert();
        if (drill === undefined) entry.pace[subject] = learn(entry.pace[subject], finding, timeoutMs);
        // The times of a drill belong to no path, and a probe that could not be measured took no time.
        if (drill === undefined && finding.outcome !== "blocked")
          this.#holding.note(heldMs(finding), isTimeout(finding), this.#clock.now());
      },
    );
    const told = this.#isShut(probe, ended, limits).then((isShut) => {
      if (isShut && isScheduled && !waits.wasSilent) this.#clock.after(SHUT_GATHER_MS, () => this.#alert());
      return isShut ? undefined : ended;
    });
    return { ended, told };
  }

  /** Whether the connection is later than its path's usually are; settles once that is known. */
  async #isShut(
    probe: RunningProbe,
    ended: Promise<void>,
    { openPatienceMs }: { openPatienceMs: number },
  ): Promise<boolean> {
    const isOver = await settledWithin(this.#clock, ended, openPatienceMs);
    return !isOver && probe.stage() === "connect";
  }

  #controlTurns(assignment: Assignment, now: number, everyMs: number): Turn[] {
    if (now - this.#controlsBegan < everyMs) return [];
    this.#controlsBegan = now;
    return assignment.controls.map((url) => ({
      order: FIRST,
      claim: this.#controlClaim(url),
      isAwaited: () => true,
      begin: () => this.#control(url, isCutOff(assignment, now)),
    }));
  }

  #controlClaim(url: string): Claim {
    return { site: "", isDoubtful: () => (this.#controlPaces.get(url) ?? FRESH_PACE).unanswered > 0 };
  }

  #control(url: string, isCut: boolean): Begun {
    const pace = this.#controlPaces.get(url) ?? FRESH_PACE;
    const timeoutMs = CONTROL_TIMEOUT_MS;
    const waits = waitsFor(pace, timeoutMs, {
      isPatient: pace.curtailed > 0,
      isSiteSilent: false,
      siblingMs: 0,
    });
    const probe = isCut
      ? startDrilled("silence", pace, { url, ...waits }, this.#clock)
      : this.#probe({ url, ...waits, expect: controlExpect(url) });
    const limits = { ...patiencesOf(pace, timeoutMs), wasSilent: waits.wasSilent };
    const ended = this.#flights.follow({ kind: "control", url }, probe, limits, (finding) => {
      const known = this.#controlPaces.get(url) ?? FRESH_PACE;
      if (!isCut) this.#controlPaces.set(url, learn(known, finding, timeoutMs));
    });
    return { ended, told: ended };
  }

  /** A prober that throws has a bug or got an address that it cannot use. That is not measurable, so it is not evidence. */
  #probe(spec: ScheduledSpec): RunningProbe {
    try {
      return this.#start(spec);
    } catch (cause) {
      return {
        begin: this.#clock.now(),
        stage: () => "unknown",
        isResolving: () => false,
        connectMs: () => undefined,
        finding: Promise.resolve(unmeasured(String(cause), 0)),
      };
    }
  }

  #isAssigned(whom: Whom): boolean {
    if (whom.kind === "control") return true;
    const known = this.#schedule.find(whom.site, whom.target)?.target;
    return (whom.subject === "target" ? known?.url : known?.witness) === whom.url;
  }
}
