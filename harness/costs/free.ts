import { asMarkdown } from "../../test/text/columns.ts";
import type { Usage } from "./bill.ts";
import { type Counts, STATES } from "./counts.ts";
import { type Case, DAY_MS, usageOf } from "./month.ts";
import { fixed, grouped } from "./numbers.ts";
import { type Meter, PRICES } from "./prices.ts";

const SIZES = [10, 100];
const INTERVALS_MS = [10_000, 30_000, 60_000];
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const NAMES = {
  rowsWritten: "rows",
  rowsRead: "rows read",
  objectRequests: "calls",
  gbSeconds: "GB-s",
  workerRequests: "requests",
} as const satisfies Partial<Record<Meter, string>>;

export type FreeMeter = keyof typeof NAMES;
const FREE_METERS = Object.keys(NAMES) as FreeMeter[];

/** What a day uses of the Free plan: the meter that is used up first, and the share of it, above 1 where the day ends before midnight. */
export const fullest = (day: Usage): { meter: FreeMeter; share: number } => {
  const shares = FREE_METERS.map((meter) => ({ meter, share: day[meter] / PRICES[meter].freeADay }));
  return shares.reduce((most, one) => (one.share > most.share ? one : most));
};

const clockOf = (ms: number): string =>
  [Math.floor(ms / HOUR_MS), Math.floor((ms % HOUR_MS) / MINUTE_MS)]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");

const cellOf = (counts: Counts, wanted: Case): string => {
  const { meter, share } = fullest(usageOf(counts, wanted, DAY_MS));
  return share <= 1
    ? `fits: ${fixed(100 * share, 0)} % of the ${NAMES[meter]}`
    : `**${NAMES[meter]} end at ${clockOf(DAY_MS / share)}**`;
};

export const freeSection = (counts: Counts): string => {
  const rows = SIZES.flatMap((targets) =>
    [7, 5].flatMap((vantages) =>
      INTERVALS_MS.map((intervalMs) => [
        `${targets} targets, ${vantages} vantages, ${intervalMs / 1_000} s`,
        ...STATES.map((state) => cellOf(counts, { targets, vantages, intervalMs, state })),
      ]),
    ),
  );
  const prober = (targets: number): string => {
    const window = counts.windows.find(
      (one) => one.targets === targets && one.intervalMs === 10_000 && one.state === "healthy",
    );
    return window === undefined ? "?" : fixed(window.cpuMs / window.probers, 0);
  };
  return `## The Free plan

What a day uses, if nothing but the ticks and the schedule ran from 00:00 UTC on: the limit that is nearest, or the time at which the first one is reached.

${asMarkdown([["", ...STATES], ...rows]).join("\n")}

At 5 s nothing fits: ${grouped(usageOf(counts, { targets: 10, vantages: 5, intervalMs: 5_000, state: "healthy" }, DAY_MS).rowsWritten)} rows a day with five vantages, of ${grouped(PRICES.rowsWritten.freeADay)}. The number of targets hardly matters to rows and calls, the interval does. Polls come on top: each is a request to the Worker and
a call of an object, so one reader every second is ${grouped(DAY_MS / 1_000)} of both, and so are a stream and a listening vantage of calls.

**What ends the day.** Past a limit, operations of that kind fail until 00:00 UTC, [as documented](https://developers.cloudflare.com/durable-objects/platform/pricing/). For the detector:

- _Rows_: nothing can be kept and no alarm be set. The aggregator refuses what it cannot keep and says so in \`/healthz\`; verdicts grow old and become \`unknown\`.
- _Calls or GB-s_: objects are not called any more, alarms included. \`…/up\` repeats its last answer or says 200, \`…/avoid\` and \`…/failover\` say 409, the API answers 503.
- _Requests_: the Worker itself is not run. Cloudflare answers pollers with an error of its own, and what they make of it is theirs.
- After midnight the schedule, which runs each minute, starts again the alarms that are gone. Nothing seen meanwhile is made up.

So a detector whose day ends early is blind every evening, for all targets at once, and a failure that lasts brings the end nearer: choose by the column _all dead_.

An invocation may also use no more than 10 ms of CPU on that plan. Divided by the probers, the whole process took ${prober(10)} ms for each of them with 10 targets and ${prober(100)} ms with 100, on this machine and with the objects' part in it. An invocation that is ended for it has not looked, which counts as not observed.
None of this was tried on Cloudflare. What the detector does without its storage or its objects is tested locally.`;
};
