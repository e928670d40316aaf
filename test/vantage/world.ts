import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Assignment, Report, ReportReply } from "../../src/domain/report.ts";
import { Vantage } from "../../src/vantage/vantage-object.ts";
import { HandClock } from "../schedule/hand-clock.ts";
import { ScriptedNetwork } from "../schedule/scripted-network.ts";

/** So far in the future that no alarm fires by itself: the tests fire them. It is a grid point of every interval used. */
const START = 4_102_444_800_000;

/** Takes reports as the aggregator must: each sequence once. */
export class FakeAggregator {
  /** The sequences that every call carried, whether the call was answered or not. */
  readonly calls: number[][] = [];
  readonly taken: Report[] = [];
  /** The instants at which the report of each sequence was made. More than one would mean that a sequence was used twice. */
  readonly madeAt = new Map<number, Set<number>>();
  answer: "reply" | "throw" | "reply lost" | "hang" = "reply";
  /** The assignment that goes with the next reply. */
  assignment: Assignment | undefined;

  get watermark(): number {
    return this.taken.at(-1)?.sequence ?? 0;
  }

  /** `target outcome` of each observation taken. */
  get seen(): string[] {
    return this.taken.flatMap(({ observations }) =>
      observations.map((each) => `${each.target} ${each.outcome}`),
    );
  }

  readonly report = async (reports: Report[]): Promise<ReportReply> => {
    this.calls.push(reports.map((report) => report.sequence));
    for (const { sequence, madeAt } of reports)
      this.madeAt.set(sequence, (this.madeAt.get(sequence) ?? new Set()).add(madeAt));
    if (this.answer === "throw") throw new Error("the aggregator was reset");
    if (this.answer === "hang") await new Promise(() => undefined);
    for (const report of reports)
      if (report.sequence > this.watermark) this.taken.push(structuredClone(report));
    if (this.answer === "reply lost") throw new Error("Network connection lost.");
    const { assignment } = this;
    this.assignment = undefined;
    return { acknowledged: this.watermark, assignment };
  };
}

let names = 0;

/** A vantage object of its own under a hand-turned clock, on a scripted network, with a scripted aggregator. */
export const openWorld = (start = START) => {
  const clock = new HandClock(start);
  const network = new ScriptedNetwork(clock);
  const aggregator = new FakeAggregator();
  const memories: string[] = [];
  Vantage.ports = () => ({
    clock,
    start: network.start,
    slots: 5,
    memory: () => "learnt",
    recall: (memory) => memories.push(memory),
    retain: () => undefined,
    aggregator: () => aggregator,
    readColo: () => Promise.resolve("FRA"),
  });
  names += 1;
  const id = env.VANTAGE.idFromName(`test-${names}`);
  /** Made anew at each call, since a stub dies with the object's instance. */
  const stub = () => env.VANTAGE.get(id) as unknown as DurableObjectStub<Vantage>;
  const alarmAt = (): Promise<number | null> =>
    runInDurableObject(stub(), (_, state) => state.storage.getAlarm());
  // Time passes inside of the object, so that the tasks of its timers belong to its own I/O context.
  const inside = <T>(work: (vantage: Vantage) => Promise<T>): Promise<T> => runInDurableObject(stub(), work);
  const turn = (ms: number): Promise<void> => inside(() => clock.turn(ms));
  /** Turns the clock to the alarm and fires it. */
  const tick = (): Promise<void> =>
    runInDurableObject(stub(), async (vantage, { storage }) => {
      const at = await storage.getAlarm();
      if (at === null) throw new Error("no alarm is set");
      await clock.turn(Math.max(0, at - clock.now()));
      await storage.deleteAlarm();
      await clock.finish(vantage.alarm());
    });
  /** Fires the alarm and lets `ms` pass, without waiting for the tick to end. */
  const beginTick = (ms: number): Promise<void> =>
    runInDurableObject(stub(), async (vantage, { storage }) => {
      await storage.deleteAlarm();
      vantage.alarm().catch(() => undefined);
      await clock.turn(ms);
    });
  /** The object's instance dies at this instant. */
  const die = async (): Promise<void> => {
    await abortAllDurableObjects();
    clock.forget();
  };
  const ticks = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await tick();
  };
  return { clock, network, aggregator, memories, stub, alarmAt, inside, turn, tick, ticks, beginTick, die };
};

/** Counts rows written through `sql` and alarms set, from outside the object's own code. */
export const countRows = (stub: DurableObjectStub<Vantage>): Promise<{ rows: number; alarms: number }> =>
  runInDurableObject(stub, (_, { storage }) => {
    const count = { rows: 0, alarms: 0 };
    const exec = storage.sql.exec.bind(storage.sql);
    storage.sql.exec = ((query: string, ...bindings: SqlStorageValue[]) => {
      const cursor = exec(query, ...bindings);
      count.rows += cursor.rowsWritten;
      return cursor;
    }) as typeof storage.sql.exec;
    const setAlarm = storage.setAlarm.bind(storage);
    storage.setAlarm = (at, options) => {
      count.alarms += 1;
      return setAlarm(at, options);
    };
    return count;
  });
