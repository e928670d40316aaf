import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import type { ProbeRequest, Report } from "../../../src/domain/report.ts";
import { answerOf } from "../../../src/verdict/answer.ts";
import { judge } from "../../../src/verdict/judge.ts";
import type { Tuning } from "../../../src/verdict/tuning.ts";
import { type Change, emptyState, NEVER, type ShardState } from "../../../src/verdict/memory/state.ts";
import type { Belief } from "../detector.ts";
import type { Timeline } from "./timeline.ts";

/** As the aggregator object has it: no alarm sooner than this. */
const SHORTEST_ALARM_MS = 100;

/** The aggregator object without its storage: tells the production judge, wakes it, carries out what it wants. */
export class SimulatedAggregator {
  readonly #timeline: Timeline;
  readonly #policy: Tuning;
  readonly #ask: (vantage: string, requests: ProbeRequest[]) => void;
  #state: ShardState = emptyState();
  #cancelAlarm: () => void = () => undefined;
  readonly changes: { at: number; change: Change }[] = [];
  observations = 0;
  cpuMs = 0;

  constructor(timeline: Timeline, policy: Tuning, ask: (vantage: string, requests: ProbeRequest[]) => void) {
    this.#timeline = timeline;
    this.#policy = policy;
    this.#ask = ask;
  }

  /** Takes each report once; returns the sequence acknowledged. */
  receive(reports: Report[]): number {
    const vantage = reports[0]?.vantage ?? "";
    const seen = (): number => this.#state.vantages.get(vantage)?.lastSequence ?? 0;
    for (const report of reports)
      if (report.sequence > seen()) {
        this.observations += report.observations.length;
        this.tell([{ kind: "report", report }]);
      }
    return seen();
  }

  tell(events: EvidenceEvent[]): void {
    const { now } = this.#timeline;
    const begin = performance.now();
    const { state, changes, wanted, nextAt } = judge(this.#state, events, now, this.#policy);
    this.cpuMs += performance.now() - begin;
    this.#state = state;
    for (const change of changes) this.changes.push({ at: now, change });
    for (const { vantage, requests } of wanted) this.#ask(vantage, requests);
    this.#cancelAlarm();
    if (nextAt === NEVER) return;
    this.#cancelAlarm = this.#timeline.at(Math.max(nextAt, now + SHORTEST_ALARM_MS), () => this.tell([]));
  }

  /** What is believed of a target now. */
  believe(key: string): Belief[] {
    const { now } = this.#timeline;
    const answered = answerOf(this.#state, key, now, this.#policy);
    return answered === null ? [] : [{ key, at: now, beliefs: answered.answer.beliefs }];
  }
}
