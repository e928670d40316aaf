/**
 * The real aggregator with silent vantages: they record what they are told and probe nothing, so
 * that a test alone decides what is reported.
 */
import { DurableObject } from "cloudflare:workers";
import type { Assignment, ProbeRequest } from "../../src/domain/report.ts";
import type { VantageRpc } from "../../src/domain/rpc.ts";

export { Aggregator } from "../../src/aggregator/object.ts";
export { Timepiece } from "../../src/still.ts";

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
