import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { dumpState, loadState } from "../../src/verdict/memory/target-state.ts";
import type { ShardState } from "../../src/verdict/memory/judge-state.ts";
import { REGIONS, World } from "../../test/verdict/world.ts";
import { INTERVAL_MS, keysOf } from "./detector.ts";
import { majorities } from "./majority.ts";
import { type Spread, spreadOf } from "./statistics.ts";

const TARGETS = 100;
const SETTLED_AFTER_MS = 60_000;
const ROUNDS = 100;
/** A snapshot is forced after this many judgements at the latest (aggregator/ledger.ts). Usual is a tenth of that number. */
const JUDGEMENTS = 2_048;

export interface JudgeFigure {
  targets: number;
  /** One healthy report of every target judged, against a plain majority over each target's newest votes. */
  timesMajority: Spread;
  judgementMs: Spread;
  /** A restart: the snapshot is read and this many such reports are judged again, without SQL. */
  recovery: { snapshotCharacters: number; judgements: number; ms: number };
}

/** The judge alone, in this Node. */
export const measureJudge = (): JudgeFigure => {
  const { state, reports } = settled();
  const { at, events } = reportAt(reports, 0);
  const pairs = Array.from({ length: ROUNDS }, () => ({
    majority: timed(() => majorities(state)),
    judgement: timed(() => judge(state, events, at, TUNING)),
  }));
  // The first rounds only warm the compiler.
  const warm = pairs.slice(ROUNDS / 5);
  return {
    targets: TARGETS,
    timesMajority: spreadOf(warm.map(({ majority, judgement }) => judgement / majority)),
    judgementMs: spreadOf(warm.map(({ judgement }) => judgement)),
    recovery: recover(state, reports),
  };
};

type Entry = World["journal"][number];

/** A healthy world, and the last report of every vantage. */
const settled = (): { state: ShardState; reports: Entry[] } => {
  const world = new World();
  for (const { site, target } of keysOf(TARGETS)) world.place(`${site}/${target}`);
  world.run(SETTLED_AFTER_MS);
  const reports = world.journal.filter(({ events }) => events[0]?.kind === "report");
  return { state: world.state, reports: reports.slice(-REGIONS.length) };
};

/** How the vantages' reports go on if nothing changes: the report with this index, counted from the last ones. */
const reportAt = (reports: Entry[], index: number): Entry => {
  const { at, events } = reports[index % reports.length] as Entry;
  const rounds = 1 + Math.floor(index / reports.length);
  const later = rounds * INTERVAL_MS;
  const shifted = events.map((event): EvidenceEvent => {
    if (event.kind !== "report") return event;
    const { report } = event;
    return {
      kind: "report",
      report: {
        ...report,
        sequence: report.sequence + rounds,
        madeAt: report.madeAt + later,
        observations: report.observations.map((one) => ({ ...one, begin: one.begin + later })),
      },
    };
  });
  return { at: at + later, events: shifted };
};

const recover = (state: ShardState, reports: Entry[]): JudgeFigure["recovery"] => {
  const snapshot = dumpState(state);
  const journal = Array.from({ length: JUDGEMENTS }, (_, index) => {
    const { at, events } = reportAt(reports, index);
    return { at, events: JSON.stringify(events) };
  });
  const ms = timed(() => {
    let recovered = loadState(snapshot);
    for (const { at, events } of journal)
      recovered = judge(recovered, JSON.parse(events) as EvidenceEvent[], at, TUNING).state;
  });
  return { snapshotCharacters: snapshot.length, judgements: JUDGEMENTS, ms };
};

const timed = (work: () => unknown): number => {
  const begin = performance.now();
  work();
  return performance.now() - begin;
};
