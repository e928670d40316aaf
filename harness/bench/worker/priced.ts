/**
 * The whole detector, counted like in counted.ts, but far away: every report takes as long to its aggregator and back as it would between
 * continents. `GET /tally` returns the counts, `GET /scheduled` runs the schedule as the platform does each minute.
 */
import type { Bindings } from "../../../src/config.ts";
import detector from "../../../src/index.ts";
import { Vantage as RealVantage } from "../../../src/vantage/vantage-object.ts";
import { livePorts } from "../../../src/vantage/workers-ports.ts";
import counted from "./counted.ts";

/**
 * How long a report travels to the aggregator and back, by the vantages in turn: an aggregator in western Europe, and seven regions of the
 * world.
 */
const ROUND_TRIPS_MS = [140, 90, 20, 40, 150, 150, 150];

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

export { Aggregator, Prober, Timepiece, Vantage } from "./counted.ts";

export default {
  fetch: async (request, env, context) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/scheduled") return counted.fetch(request, env, context);
    await detector.scheduled({ cron: "* * * * *", scheduledTime: Date.now(), noRetry: () => undefined }, env);
    return new Response(null, { status: 204 });
  },
} satisfies ExportedHandler<Bindings>;
