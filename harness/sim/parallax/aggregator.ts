import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import type { ProbeRequest, Report } from "../../../src/domain/report.ts";
import { answerOf } from "../../../src/verdict/verdict-answer.ts";
import { judge, type Judgement } from "../../../src/verdict/judge.ts";
import type { Tuning } from "../../../src/verdict/tuning.ts";
import { type Change, emptyState, NEVER, type ShardState } from "../../../src/verdict/memory/judge-state.ts";
import type { Belief } from "../detector.ts";
import type { Timeline } from "./timeline.ts";

/** As the aggregator object has it: no alarm sooner than this. */
export const SHORTEST_ALARM_MS = 100;

/** What judges, as the production judge does. */
export type Judge = (
  before: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
) => Judgement;

export interface Bench {
  judge: Judge;
  /** When an alarm due at `at` really runs. */
  alarmAt: (at: number) => number;
  /** Told of every judgement. */
  onJudged: (now: number, events: readonly EvidenceEvent[], judgement: Judgement) => void;
}

const PLAIN_BENCH: Bench = { judge, alarmAt: (at) => at, onJudged: () => {} };

/** The aggregator object without its storage: it gives events to the production judge, wakes it, and carries out its requests. */
export class SimulatedAggregator {
  readonly #timeline: Timeline;
  readonly #policy: Tuning;
  readonly #ask: (vantage: string, requests: ProbeRequest[]) => void;
  #state: ShardState = emptyState();
  #cancelAlarm: () => void = () => undefined;
  readonly #bench: Bench;
  readonly changes: { at: number; change: Change }[] = [];
  observations = 0;
  cpuMs = 0;

  constructor(
    timeline: Timeline,
    policy: Tuning,
    ask: (vantage: string, requests: ProbeRequest[]) => void,
    bench: Partial<Bench> = {},
  ) {
    this.#bench = { ...PLAIN_BENCH, ...bench };
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
    const judgement = this.#bench.judge(this.#state, events, now, this.#policy);
    this.cpuMs += performance.now() - begin;
    const { state, changes, wanted, nextAt } = judgement;
    this.#state = state;
    this.#bench.onJudged(now, events, judgement);
    for (const change of changes) this.changes.push({ at: now, change });
    for (const { vantage, requests } of wanted) this.#ask(vantage, requests);
    this.#cancelAlarm();
    if (nextAt === NEVER) return;
    const alarmAt = this.#bench.alarmAt(Math.max(nextAt, now + SHORTEST_ALARM_MS));
    this.#cancelAlarm = this.#timeline.at(alarmAt, () => this.tell([]));
  }

  /** What is believed of a target now. */
  believe(key: string): Belief[] {
    const { now } = this.#timeline;
    const answered = answerOf(this.#state, key, now, this.#policy);
    return answered === null ? [] : [{ key, at: now, beliefs: answered.answer.beliefs }];
  }
}
