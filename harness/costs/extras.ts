import { asMarkdown } from "../../test/text/columns.ts";
import { billOf, priceOf } from "./bill.ts";
import type { Counts } from "./counts.ts";
import { lineOf, usageOf } from "./month.ts";
import { dollars, grouped } from "./numbers.ts";
import { LOG_PRICES } from "./prices.ts";

const SECOND_MS = 1_000;
/** How long one request is held at most, and how long a stream lives: src/api. */
const HELD_MS = 55_000;
const STREAM_MS = 300_000;

/** What others ask of a detector, each a line of its own. */
export const linesSection = (counts: Counts): string => {
  const { lines } = counts;
  const rows = (
    [
      ["one reader of `…/verdict` every 5 s", lineOf(lines.verdictPoll, 5_000, 5_000)],
      ["a load balancer that asks `…/up` each second", lineOf(lines.upPoll, SECOND_MS, SECOND_MS)],
      ["a verdict held with `waitMs`, all month", lineOf(lines.verdictPoll, SECOND_MS, HELD_MS)],
      ["an agent's heartbeat every 10 s", lineOf(lines.heartbeat, 10_000, 10_000)],
      ["a stream of events, one shard", lineOf(lines.streamSecond, SECOND_MS, STREAM_MS)],
      ["a stream of events, ten shards", lineOf(lines.streamSecond, SECOND_MS, STREAM_MS, 10)],
      ["a remote vantage that listens, for each shard", lineOf(lines.heldVantageSecond, SECOND_MS, HELD_MS)],
    ] as const
  ).map(([what, usage]) => [
    what,
    grouped(usage.workerRequests),
    grouped(usage.objectRequests),
    dollars(billOf(usage).dollars),
  ]);
  return `## Lines of their own

None of these is in the tables above. A month, nothing included, the Worker's CPU left out. None of them is meant to write a row; rows were not counted here.

${asMarkdown([["what", "requests to the Worker", "calls of an object", "a month"], ...rows]).join("\n")}

- Reads of one target that come to one instance of the Worker at the same time share one call, and with \`UP_MAX_AGE_MS\` set to 1000 those of \`…/up\` within a second do. So many pollers cost less than their number says; how many instances there are is the platform's affair.
- All streams of an instance share one call a second and shard.
- A call was over within the millisecond by which workerd measures, and is counted as one millisecond of an object's time.
- Messages of webhooks were not counted. There are none while nothing changes.

${logsText(counts)}`;
};

/** Events that invocation logs would write for 100 targets every 10 s and one reader every 5 s. */
const logsText = (counts: Counts): string => {
  const ticks = usageOf(counts, { targets: 100, vantages: 7, intervalMs: 10_000, state: "healthy" });
  const reader = lineOf(counts.lines.verdictPoll, 5_000, 5_000);
  const events = ticks.objectRequests + ticks.workerRequests + reader.objectRequests + reader.workerRequests;
  const prices = LOG_PRICES.map(
    ({ what, events: price, source }) =>
      `${what} ${dollars(priceOf(price, Math.max(0, events - price.included)))} (${dollars(priceOf(price, events))} with nothing included${source === "not verified" ? "; not verified" : ""})`,
  );
  return `**Logs.** As this repository configures them, only the detector's own lines are kept; they were not counted. With \`invocation_logs = true\` each alarm, call and request is an event: ${grouped(events)} a month for 100 targets every 10 s with seven vantages and one reader every 5 s,
which is ${prices.join(", ")}. A reader of each of the 100 targets instead of one writes ${grouped(100 * (reader.objectRequests + reader.workerRequests))} more.`;
};
