/**
 * The whole detector, counted and timed, for many shards: besides `/tally` and `/lateness` it tells by `GET /looks` how
 * many looks its aggregators were told of; `POST /cron` fires the schedule, and `POST /fall?shard=` ends a shard's object.
 */
import { Aggregator as RealAggregator } from "../../../src/aggregator/aggregator-object.ts";
import { aggregatorOf, configOf, type Bindings } from "../../../src/config.ts";
import type { Report, ReportReply } from "../../../src/domain/report.ts";
import detector from "../../../src/index.ts";
import { Vantage as RealVantage } from "../../../src/vantage/vantage-object.ts";
import { emptyLateness } from "../lateness-told.ts";
import { emptyTally, type Tallies, type Tally } from "../tally.ts";
import { countBackground, countCalls, countRows } from "./counting.ts";

export { Timepiece } from "../../../src/still.ts";
export { Prober } from "../../../src/vantage/prober.ts";

// Plain workerd runs a Worker and its objects in one isolate, so asking costs no call of any object.
const tallies: Tallies = { aggregator: emptyTally(), vantages: emptyTally(), probers: emptyTally() };
let looks = 0;
/** Of each shard's vantages, the newest report: one that was away delivers its last again, which was taken before. */
const newest = new Map<string, number>();
let told = emptyLateness();

export class Aggregator extends RealAggregator {
  constructor(ctx: DurableObjectState, env: Bindings) {
    super(countBackground(countRows(ctx, tallies.aggregator), tallies.aggregator), env);
  }

  override report(reports: Report[]): Promise<ReportReply> {
    const now = Date.now();
    const { name = "" } = this.ctx.id;
    for (const { vantage, sequence, madeAt, lateMs, observations } of reports) {
      const from = `${name}/${vantage}`;
      if (sequence <= (newest.get(from) ?? 0)) continue;
      newest.set(from, sequence);
      told.reportMs.push(now - madeAt);
      // By the vantage's own word: its object may have been away since the alarm was set.
      if (lateMs !== undefined) told.tickMs.push(lateMs);
      // What is still silent is told of again once it has ended.
      looks += observations.filter(({ outcome }) => outcome !== "pending").length;
    }
    return super.report(reports);
  }

  /** Ends at once, as where the machine under it is lost: memory is gone, what was kept is there. */
  fall(): void {
    this.ctx.abort("ended on purpose");
  }
}

export class Vantage extends RealVantage {
  constructor(ctx: DurableObjectState, env: Bindings) {
    super(countBackground(countRows(ctx, tallies.vantages), tallies.vantages), env);
  }
}

countCalls(RealAggregator, Aggregator, (): Tally => tallies.aggregator);
countCalls(RealVantage, Vantage, (): Tally => tallies.vantages);

const tellLateness = (): Response => {
  const answer = Response.json(told);
  told = emptyLateness();
  return answer;
};

const fall = async (env: Bindings, shard: number): Promise<Response> => {
  const aggregator = aggregatorOf(env, configOf(env), shard) as unknown as { fall(): Promise<void> };
  // The call that ends it is rejected like all others under way.
  const said = await aggregator.fall().then(() => "it lives", String);
  return new Response(said);
};

export default {
  fetch: (request, env, context) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/tally") return Response.json(tallies);
    if (pathname === "/lateness") return tellLateness();
    if (pathname === "/looks") return Response.json(looks);
    if (pathname === "/fall") return fall(env, Number(searchParams.get("shard")));
    if (pathname === "/cron")
      return detector.scheduled({} as ScheduledController, env).then(() => new Response());
    return detector.fetch(request, env, context);
  },
} satisfies ExportedHandler<Bindings>;
