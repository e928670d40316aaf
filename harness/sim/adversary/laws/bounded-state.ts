import type { EvidenceEvent } from "../../../../src/domain/evidence.ts";
import { dumpState } from "../../../../src/verdict/memory/target-state.ts";
import { emptyState, type ShardState } from "../../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../../src/verdict/tuning.ts";
import type { Judge } from "../../parallax/aggregator.ts";
import { type Breach, endOf, type Law } from "../history.ts";

/** Bytes of the kept state: for each pair of vantage and target eight observations of it and of its witness, and for each alone what is known of it. */
const BYTES = { pair: 4_000, target: 12_000, vantage: 4_000, shard: 4_000 };
/** A target that no vantage has probed for this long is not probed any more, milliseconds. */
const FORGOTTEN_MS = 600_000;
const NEW_CONTROL = "tcp://another-control";

const breach = (at: number, holds: boolean, kind: string, says: string): Breach[] =>
  holds ? [] : [{ key: "", at, kind, says }];

const size = ({ targets, vantages }: ShardState): number =>
  [...targets.values()].reduce(
    (sum, { target }) => sum + BYTES.target + BYTES.pair * target.vantages.length,
    0,
  ) +
  BYTES.vantage * vantages.size +
  BYTES.shard;

/** Every target is looked at by the first of its vantages alone, and by new controls. */
const replaced = (state: ShardState, now: number): EvidenceEvent[] => [
  ...[...state.targets.values()].map(({ target, url, version }): EvidenceEvent => ({
    kind: "target",
    target: { ...target, vantages: target.vantages.slice(0, 1) },
    url,
    version,
  })),
  ...[...state.vantages.values()].map(({ vantage, lastSequence, dropped }): EvidenceEvent => {
    const control = {
      url: NEW_CONTROL,
      begin: now,
      outcome: "ok" as const,
      stage: "done" as const,
      totalMs: 1,
    };
    const report = { vantage: vantage.id, sequence: lastSequence + 1, madeAt: now, version: 1, dropped };
    return { kind: "report", report: { ...report, observations: [], controls: [control] } };
  }),
];

const edgesLeft = ({ targets }: ShardState): number =>
  [...targets.values()].reduce((sum, { target, edges, witness }) => {
    const isGone = (id: string): boolean => !target.vantages.includes(id);
    return sum + [...edges.keys()].filter(isGone).length + [...witness.keys()].filter(isGone).length;
  }, 0);

const removed = (judge: Judge, state: ShardState, now: number): ShardState => {
  const events = [...state.targets.values()].map(({ target: { site, target } }): EvidenceEvent => ({
    kind: "removed",
    site,
    target,
  }));
  return judge(state, [...events, { kind: "roster", vantages: [] }], now, TUNING).state;
};

/** Beside what is meant to outlive all: the numbers already used, and looks that may be asked for. */
const bare = (state: ShardState): string => {
  const { retiredSequence, tokens } = emptyState();
  return dumpState({ ...state, retiredSequence, tokens });
};

export const boundedState: Law = {
  name: "bounded-state",
  sentence:
    "the state is no larger than its pairs of targets and vantages, forgets who looks no more and controls that are gone, and after everything is removed is as at the start",
  grain: "events",
  breaches: ({ moments }, judge) => {
    const state = moments.at(-1)?.state;
    if (state === undefined || state.targets.size === 0) return [];
    const at = endOf(moments);
    const now = at + FORGOTTEN_MS;
    const bytes = dumpState(state).length;
    const small = judge(state, replaced(state, now), now, TUNING).state;
    const controls = [...small.vantages.values()].reduce(
      (sum, one) => sum + Math.max(0, one.controls.size - 1),
      0,
    );
    const edges = edgesLeft(small);
    const empty = removed(judge, small, now + 1);
    return [
      ...breach(at, bytes <= size(state), "bytes", `${bytes} bytes where ${size(state)} are enough`),
      ...breach(at, edges === 0, "edges", `${edges} edges of vantages that look no more`),
      ...breach(at, controls === 0, "controls", `${controls} controls that are no more`),
      ...breach(
        at,
        bare(empty) === bare(emptyState()),
        "left",
        `left of nothing: ${bare(empty).slice(0, 200)}`,
      ),
    ].slice(0, 1);
  },
};
