/**
 * The whole detector, counted like in counted.ts, but far away: every report takes as long to its aggregator and back as it would between
 * continents. `GET /tally` tells the counts, `GET /scheduled` runs the schedule as the platform does each minute.
 */
import { Aggregator as RealAggregator } from "../../../src/aggregator/object.ts";
import type { Bindings } from "../../../src/config.ts";
import detector from "../../../src/index.ts";
import { Vantage as RealVantage } from "../../../src/vantage/object.ts";
import { livePorts } from "../../../src/vantage/ports.ts";
import { Prober as RealProber } from "../../../src/vantage/prober.ts";
import { emptyTally, type Tallies, type Tally } from "../tally.ts";
import { countBackground, countCalls, countRows } from "./counting.ts";

/** What a report waits for on the way and back, by the vantages in turn: an aggregator in western Europe, and seven regions of the world. */
const ROUND_TRIPS_MS = [140, 90, 20, 40, 150, 150, 150];

const tallies: Tallies = { aggregator: emptyTally(), vantages: emptyTally(), probers: emptyTally() };
let vantages = 0;

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

RealVantage.ports = (env, exports) => {
  const ports = livePorts(env, exports);
  const roundTripMs = ROUND_TRIPS_MS[vantages++ % ROUND_TRIPS_MS.length] ?? 0;
  return {
    ...ports,
    aggregator: (shard) => ({
      report: async (reports) => {
        await after(roundTripMs / 2);
        const reply = await ports.aggregator(shard).report(reports);
        await after(roundTripMs / 2);
        return reply;
      },
    }),
  };
};

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
  fetch: async (request, env, context) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/tally") return Response.json(tallies);
    if (pathname !== "/scheduled") return detector.fetch(request, env, context);
    await detector.scheduled({ cron: "* * * * *", scheduledTime: Date.now(), noRetry: () => undefined }, env);
    return new Response(null, { status: 204 });
  },
} satisfies ExportedHandler<Bindings>;
