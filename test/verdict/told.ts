/** Random lists of any events that a shard may receive, for laws about what it remembers: targets and vantages come, change and go. */
import fc from "fast-check";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { judge } from "../../src/verdict/judge.ts";
import { emptyState, type ShardState } from "../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { judged, NOW, observation, report, vantage } from "./made.ts";

const PLACES = ["fra/db-1", "fra/db-2", "ams/web-1"];
const LOOKERS = ["a", "b", "c", "in-fra"];
const outcomes = fc.constantFrom(
  "ok",
  "refused",
  "connect_timeout",
  "response_timeout",
  "app_error" as const,
);

/** Any event that a shard may receive, in no sensible order. */
const told = fc.oneof(
  fc.subarray(LOOKERS).map((ids): EvidenceEvent => ({
    kind: "roster",
    vantages: ids.map((id) => vantage(id, id === "in-fra" ? { site: "fra" } : {}).vantage),
  })),
  fc
    .record({
      key: fc.constantFrom(...PLACES),
      node: fc.constantFrom("one", "two"),
      vantages: fc.subarray(LOOKERS),
      witness: fc.option(fc.constantFrom("tcp://w:1", "tcp://w:2"), { nil: undefined }),
      version: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ key, node, vantages, witness, version }): EvidenceEvent => ({
      kind: "target",
      target: judged(key, {
        vantages,
        hasWitness: witness !== undefined,
        ...(witness === undefined ? {} : { witness: { url: witness, version } }),
      }),
      url: `tcp://${node}`,
      version,
    })),
  fc.constantFrom(...PLACES).map((key): EvidenceEvent => {
    const [site = "", target = ""] = key.split("/");
    return { kind: "removed", site, target };
  }),
  fc
    .record({
      by: fc.constantFrom(...LOOKERS),
      looks: fc.array(
        fc.record({
          key: fc.constantFrom(...PLACES),
          outcome: outcomes,
          subject: fc.constantFrom("target", "witness" as const),
          ago: fc.integer({ min: 0, max: 5_000 }),
        }),
        { maxLength: 6 },
      ),
      controls: fc.subarray(["tcp://c:1", "tcp://c:2", "tcp://c:3"]),
      version: fc.integer({ min: 0, max: 4 }),
    })
    .map((made) => ({ kind: "made" as const, ...made })),
  fc.constantFrom(...PLACES).map((key): EvidenceEvent => {
    const [site = "", target = ""] = key.split("/");
    return {
      kind: "notice",
      notice: { site, target, kind: "crash", bootId: "boot-1", restarting: false, at: NOW },
    };
  }),
);

type Told = typeof told extends fc.Arbitrary<infer T> ? T : never;

/** Judges the events one after the other as time passes. `watch` gets the state after each. */
export const after = (
  all: readonly (readonly [Told, number])[],
  watch: (state: ShardState) => void,
): [ShardState, number] => {
  let [state, now] = [emptyState(), NOW];
  for (const [index, [one, forMs]] of all.entries()) {
    now += forMs;
    const event: EvidenceEvent =
      one.kind === "made"
        ? {
            kind: "report",
            report: report(
              one.by,
              one.looks.map(({ key, outcome, ago, subject }) =>
                observation(key, now - ago, outcome, { subject }),
              ),
              {
                sequence: index + 2,
                madeAt: now,
                version: one.version,
                controls: one.controls.map((url) => ({
                  url,
                  begin: now,
                  outcome: "ok",
                  stage: "done",
                  totalMs: 1,
                })),
              },
            ),
          }
        : one;
    ({ state } = judge(state, [event], now, TUNING));
    watch(state);
  }
  return [state, now];
};

const times = fc.oneof(fc.integer({ min: 0, max: 6_000 }), fc.constantFrom(61_000, 130_000));
/** Lists of events, each with the time since the one before. */
export const lists = fc.array(fc.tuple(told, times), { maxLength: 40 });
