/**
 * The whole detector, counted and timed, for many shards. Besides `/tally` and `/lateness`, `GET /looks` returns how many looks its
 * aggregators have received; `POST /cron` fires the schedule, and `POST /fall?shard=` ends a shard's object.
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

// Plain workerd runs a Worker and its objects in one isolate, so reading the counts needs no call of an object.
const tallies: Tallies = { aggregator: emptyTally(), vantages: emptyTally(), probers: emptyTally() };
let looks = 0;
/**
 * The newest report of each shard's vantages: a vantage that was away delivers its last report again, although the aggregator took it
 * before.
 */
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
      // The vantage itself reports this: its object may have been away since the alarm was set.
      if (lateMs !== undefined) told.tickMs.push(lateMs);
      // A pending look is reported again once it has ended.
      looks += observations.filter(({ outcome }) => outcome !== "pending").length;
    }
    return super.report(reports);
  }

  /** Ends at once, as if the machine under it were lost: memory is gone, stored rows remain. */
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
  // The call that ends the object is rejected like all others under way.
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
