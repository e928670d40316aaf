/** The whole detector, with its objects' rows and calls counted: `GET /tally` returns the counts, everything else is unchanged. */
import { Aggregator as RealAggregator } from "../../../src/aggregator/aggregator-object.ts";
import type { Bindings } from "../../../src/config.ts";
import detector from "../../../src/index.ts";
import { Vantage as RealVantage } from "../../../src/vantage/vantage-object.ts";
import { Prober as RealProber } from "../../../src/vantage/prober.ts";
import { emptyTally, type Tallies, type Tally } from "../tally.ts";
import { countBackground, countCalls, countRows } from "./counting.ts";

// Plain workerd runs a Worker and its objects in one isolate, so reading the counts needs no call of an object.
const tallies: Tallies = { aggregator: emptyTally(), vantages: emptyTally(), probers: emptyTally() };

export class Aggregator extends RealAggregator {
  constructor(ctx: DurableObjectState, env: Bindings) {
    super(countBackground(countRows(ctx, tallies.aggregator), tallies.aggregator), env);
  }
}
countCalls(RealAggregator, Aggregator, (): Tally => tallies.aggregator);

export class Vantage extends RealVantage {
  constructor(ctx: DurableObjectState, env: Bindings) {
    super(countBackground(countRows(ctx, tallies.vantages), tallies.vantages), env);
  }
}
countCalls(RealVantage, Vantage, (): Tally => tallies.vantages);

export { Timepiece } from "../../../src/still.ts";
export class Prober extends RealProber {}
countCalls(RealProber, Prober, (): Tally => tallies.probers);

export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname === "/tally"
      ? Response.json(tallies)
      : detector.fetch(request, env, context),
} satisfies ExportedHandler<Bindings>;
