/**
 * The real aggregator with silent vantages: they record what they are told and probe nothing, so
 * that a test alone decides what is reported.
 */
import { DurableObject } from "cloudflare:workers";
import { Aggregator as RealAggregator } from "../../src/aggregator/object.ts";
import type { Bindings } from "../../src/config.ts";
import type { Assignment, ProbeRequest } from "../../src/domain/report.ts";
import type { VantageRpc } from "../../src/domain/rpc.ts";

export { Timepiece } from "../../src/still.ts";

/** Where an object falls: after so many more steps that leave a trace, none while that is not said. */
let stepsLeft = Infinity;

/** From now on whichever aggregator takes this step falls at it. */
export const fallAfter = (steps: number): void => {
  stepsLeft = steps;
};

export const hasFallen = (): boolean => stepsLeft <= 0;

/** One with a memory that ends at a step of its own: a row that is written, an alarm that is set. Before or behind it is the same: the next has none. */
export class Aggregator extends RealAggregator {
  constructor(ctx: DurableObjectState, env: Bindings) {
    const step = (): void => {
      stepsLeft -= 1;
      if (stepsLeft !== 0) return;
      ctx.abort("fell on purpose");
      throw new Error("fell on purpose");
    };
    const { storage } = ctx;
    const { sql } = storage;
    const exec = sql.exec.bind(sql) as (query: string, ...bindings: unknown[]) => unknown;
    Object.defineProperty(sql, "exec", {
      value: (query: string, ...bindings: unknown[]) => {
        const cursor = exec(query, ...bindings);
        if (!/^\s*SELECT/i.test(query)) step();
        return cursor;
      },
    });
    const setAlarm = storage.setAlarm.bind(storage);
    Object.defineProperty(storage, "setAlarm", {
      value: (...given: Parameters<typeof setAlarm>) => {
        const set = setAlarm(...given);
        step();
        return set;
      },
    });
    super(ctx, env);
  }
}

export class Vantage extends DurableObject implements VantageRpc {
  #armed = false;
  assignments: Assignment[] = [];
  asked: ProbeRequest[] = [];

  async configure(assignment: Assignment): Promise<{ armed: boolean }> {
    this.assignments.push(assignment);
    const armed = this.#armed;
    this.#armed = assignment.targets.length > 0;
    return { armed };
  }

  async probeNow(requests: ProbeRequest[]): Promise<void> {
    this.asked.push(...requests);
  }

  attempt(): Promise<never> {
    return Promise.reject(new Error("these vantages reach nothing"));
  }
}

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
