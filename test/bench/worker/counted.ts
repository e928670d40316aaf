/** The whole detector, with its objects' rows and calls counted: `GET /tally` tells them, everything else is as ever. */
import { Aggregator as RealAggregator } from "../../../src/aggregator/object.ts";
import type { Bindings } from "../../../src/config.ts";
import detector from "../../../src/index.ts";
import { Vantage as RealVantage } from "../../../src/vantage/object.ts";
import { emptyTally, type Tallies, type Tally } from "../tally.ts";
import { countCalls, countRows } from "./counting.ts";

// Plain workerd runs a Worker and its objects in one isolate, so asking costs no call of any object.
const tallies: Tallies = { aggregator: emptyTally(), vantages: emptyTally() };

export class Aggregator extends RealAggregator {
  constructor(ctx: DurableObjectState, env: Bindings) {
    super(countRows(ctx, tallies.aggregator), env);
  }
}
countCalls(RealAggregator, Aggregator, (): Tally => tallies.aggregator);

export class Vantage extends RealVantage {
  constructor(ctx: DurableObjectState, env: Bindings) {
    super(countRows(ctx, tallies.vantages), env);
  }
}
countCalls(RealVantage, Vantage, (): Tally => tallies.vantages);

export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname === "/tally"
      ? Response.json(tallies)
      : detector.fetch(request, env, context),
} satisfies ExportedHandler<Bindings>;
