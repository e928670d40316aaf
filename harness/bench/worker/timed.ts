/** The whole detector; `GET /lateness` also returns how late ticks began and reports were taken since the last request. */
import { Aggregator as RealAggregator } from "../../../src/aggregator/aggregator-object.ts";
import type { Bindings } from "../../../src/config.ts";
import type { Report, ReportReply } from "../../../src/domain/report.ts";
import detector from "../../../src/index.ts";
import { Vantage as RealVantage } from "../../../src/vantage/vantage-object.ts";
import { emptyLateness } from "../lateness-told.ts";

export { Timepiece } from "../../../src/still.ts";
export { Prober } from "../../../src/vantage/prober.ts";

// Plain workerd runs a Worker and its objects in one isolate, so reading the figures needs no call of an object.
let told = emptyLateness();

export class Aggregator extends RealAggregator {
  override report(reports: Report[]): Promise<ReportReply> {
    const now = Date.now();
    for (const { madeAt } of reports) told.reportMs.push(now - madeAt);
    return super.report(reports);
  }
}

export class Vantage extends RealVantage {
  /** When the alarm that is set is due, epoch milliseconds. */
  readonly #due: () => number;

  constructor(ctx: DurableObjectState, env: Bindings) {
    const { storage } = ctx;
    const setAlarm = storage.setAlarm.bind(storage);
    let due = NaN;
    Object.defineProperty(storage, "setAlarm", {
      value: (...given: Parameters<typeof setAlarm>) => {
        due = Number(given[0]);
        return setAlarm(...given);
      },
    });
    super(ctx, env);
    this.#due = () => due;
  }

  override alarm(): Promise<void> {
    const lateMs = Date.now() - this.#due();
    if (!Number.isNaN(lateMs)) told.tickMs.push(lateMs);
    return super.alarm();
  }
}

const tell = (): Response => {
  const answer = Response.json(told);
  told = emptyLateness();
  return answer;
};

export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname === "/lateness" ? tell() : detector.fetch(request, env, context),
} satisfies ExportedHandler<Bindings>;
