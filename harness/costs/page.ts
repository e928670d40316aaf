import { asMarkdown } from "../../test/text/columns.ts";
import { billOf, type Usage } from "./bill.ts";
import { type Counts, STATES, type State, type Window } from "./counts.ts";
import { freeSection } from "./free.ts";
import { linesSection } from "./extras.ts";
import { type Case, SHARD_TARGETS, shareRun, usageOf } from "./month.ts";
import { cents, dollars, fixed, grouped } from "./numbers.ts";
import { METERS, PLAN_DOLLARS, PRICES, READ_ON } from "./prices.ts";

const TARGETS = [10, 100, 1_000, 10_000];
export const INTERVALS_MS = [5_000, 10_000, 30_000, 60_000];
export const VANTAGES = [7, 5];

/** What the project set out to reach: dollars a target and month, 100 healthy targets and seven vantages, nothing included. */
export const GOALS = [
  { intervalMs: 60_000, dollars: 0.03 },
  { intervalMs: 10_000, dollars: 0.15 },
];

/** docs/costs.md. */
export const pageOf = (counts: Counts): string =>
  [
    opening(counts),
    monthSection(counts),
    whereSection(counts),
    lawSection(counts),
    linesSection(counts),
    freeSection(counts),
    pricesSection(),
    closing(),
  ].join("\n\n") + "\n";

const opening = ({ countedOn }: Counts): string => `# What it costs

For whoever pays.

\`\`\`
npm run costs            # counts anew, twenty minutes on two cores, and writes this page
npm run costs -- --page  # writes this page from the counts in costs.json
\`\`\`

This page is computed: what the real objects were counted to do, on one machine, times [the prices](#the-prices) that Cloudflare publishes. **None of it
was tried on Cloudflare, and no bill was seen.** Counted on ${countedOn}; the counts are in [costs.json](costs.json).

- A detector of each size ran in workerd against real processes that answer after 20, 60, 110 or 150 ms. A report waited 20 to 150 ms for its way to the aggregator and
  back, as from seven regions to western Europe. What was counted: rows written and read, every alarm and call that reaches an object, the wall time an object was at work, and
  the CPU time of the process.
- **healthy**: every target answers. **Few dead**: 5 % of the targets, or one of ten, are on a host that drops every packet, and their verdicts have settled. **All dead**: all of them are. A host that
  refuses costs the rows and calls of a healthy one, [by the benchmarks](bench.md#rows-and-calls); this is the dearest kind of death.
- **a target**: dollars a month for one target, as if nothing were included, because the rest of your account may use up what the plan gives. **the account**: the plan's
  $${PLAN_DOLLARS} and what goes beyond it, where the account does nothing else.
- A month has 30 days. A shard is taken to hold ${SHARD_TARGETS} targets, which there is room for at every interval here; see [capacity](operations.md#capacity).`;

const monthSection = (counts: Counts): string =>
  ["## A month", ...VANTAGES.map((vantages) => monthTable(counts, vantages)), goalLines(counts)].join("\n\n");

const monthTable = (counts: Counts, vantages: number): string => {
  const rows = TARGETS.flatMap((targets) =>
    INTERVALS_MS.map((intervalMs) => {
      const bills = STATES.map((state) => billOf(usageOf(counts, { targets, vantages, intervalMs, state })));
      return [
        grouped(targets),
        `${intervalMs / 1_000} s`,
        ...bills.map((bill) => cents(bill.dollars / targets)),
        ...bills.map((bill) => dollars(bill.monthly)),
      ];
    }),
  );
  const head = [
    `targets, ${vantages} vantages`,
    "every",
    ...STATES.map((state) => `a target, ${state}`),
    ...STATES.map((state) => `the account, ${state}`),
  ];
  return asMarkdown([head, ...rows]).join("\n");
};

const caseOf = (intervalMs: number, targets = 100, state: State = "healthy"): Case => ({
  targets,
  vantages: 7,
  intervalMs,
  state,
});

const goalLines = (counts: Counts): string =>
  GOALS.map(({ intervalMs, dollars: goal }) => {
    const found = STATES.map(
      (state) => billOf(usageOf(counts, caseOf(intervalMs, 100, state))).dollars / 100,
    );
    const reached = found.map((one) => `${cents(one)} ${one <= goal ? "(reached)" : "(**not reached**)"}`);
    return `- Goal, 100 targets every ${intervalMs / 1_000} s with seven vantages: at most ${cents(goal)} a target. ${STATES.map(
      (state, index) => `${state} ${reached[index]}`,
    ).join(", ")}.`;
  }).join("\n") +
  "\n- What dead targets add is time: somebody has to wait for them, and an object that waits is billed. Detection is worth more than that: waits are what the judge needs, and none was shortened for this page.";

const perTick = (value: number, window: Window, digits = 2): string => fixed(value / window.ticks, digits);

const tickCells = (window: Window): string[] => [
  perTick(window.rowsWritten, window),
  perTick(window.calls, window),
  perTick(window.rowsRead, window, 1),
  perTick(window.activeMs * 0.000_128, window, 3),
  perTick(window.cpuMs, window, 0),
  perTick(window.probers, window, 1),
];

const TICK_HEAD = ["rows written", "calls", "rows read", "GB-s", "CPU ms", "probers"];

const whereSection = (counts: Counts): string => {
  const windows = counts.windows.filter(({ targets, vantages }) => targets === 100 && vantages === 7);
  const rows = windows.map((window) => [
    `${window.intervalMs / 1_000} s, ${window.state}`,
    ...tickCells(window),
    fixed(shareRun(window), 2),
  ]);
  const usages = INTERVALS_MS.map((intervalMs) => usageOf(counts, caseOf(intervalMs)));
  return `## Where it goes

A tick is one look of one vantage at all its targets of one interval: one alarm, one report, one row kept by the vantage and one by the aggregator. It costs the same rows and calls for a hundred targets as for one. Counted with
100 targets and seven vantages, divided by the ticks that ran; _ran_ is their share of those that were asked for, and _probers_ the invocations in which probes ran, which are no object's.
Dead targets at long intervals cost more rows and calls: a look that ends after its report has left gets a report of its own, at most one a second.

${asMarkdown([["", ...TICK_HEAD, "ran"], ...rows]).join("\n")}

Dollars a month, nothing included, 100 healthy targets and seven vantages:

${asMarkdown([
  ["", ...INTERVALS_MS.map((intervalMs) => `${intervalMs / 1_000} s`)],
  ...METERS.map((meter) => [
    PRICES[meter].what,
    ...usages.map((usage: Usage) => dollars(billOf(usage).lines[meter])),
  ]),
  ["**all**", ...usages.map((usage) => `**${dollars(billOf(usage).dollars)}**`)],
]).join("\n")}

The CPU is that of the whole process on this machine, objects and all. Objects are billed for their wall time instead, so what a Worker is billed for, the probers and the API, is less: the line is an upper bound.`;
};

const lawSection = (counts: Counts): string => {
  const sizes = counts.windows.filter(
    ({ targets, vantages, intervalMs, state }) =>
      state === "healthy" && (targets === 500 || intervalMs === 10_000 || vantages === 5),
  );
  const rows = sizes
    .toSorted((a, b) => a.targets - b.targets || a.vantages - b.vantages)
    .map((window) => [
      `${window.targets} ${window.targets === 1 ? "target" : "targets"}, ${window.vantages} vantages, ${window.intervalMs / 1_000} s`,
      ...tickCells(window),
    ]);
  const full = counts.windows.find(({ targets, state }) => targets === 500 && state === "healthy");
  return `## From one shard to many

Nothing above 100 targets in the first tables was counted: 1,000 are ten shards of 100, and 10,000 are a hundred, each with its own vantages and its own aggregator that share no work. That is the linear law; a test holds
the counts below to it, within 5 %: a tick's rows and calls are the same for 1, 10 and 100 targets and for a full shard of 500, and the same with five vantages as with seven.

${asMarkdown([["healthy", ...TICK_HEAD], ...rows]).join("\n")}

So fewer and fuller shards cost less.${full === undefined ? "" : ` 500 targets in one shard every 60 s cost ${cents(fullShard(full))} a target and month, and 10,000 in twenty of them the same.`}`;
};

const fullShard = (window: Window): number => {
  const counts = { countedOn: "", windows: [{ ...window, targets: SHARD_TARGETS }], lines: NO_LINES };
  return billOf(usageOf(counts, { ...window, targets: SHARD_TARGETS })).dollars / window.targets;
};

/** The schedule is too little to be seen in it. */
const NONE = { count: 1, calls: 0, busyMs: 0 };
const NO_LINES = {
  verdictPoll: NONE,
  upPoll: NONE,
  heartbeat: NONE,
  scheduled: NONE,
  streamSecond: NONE,
  heldVantageSecond: NONE,
};

const pricesSection = (): string => `## The prices

${asMarkdown([
  ["metered", "$", "for", "included a month", "Free plan, a day", "source"],
  ...METERS.map((meter) => {
    const price = PRICES[meter];
    const free = "freeADay" in price ? grouped(price.freeADay) : "—";
    return [
      price.what,
      String(price.dollars),
      grouped(price.per),
      grouped(price.included),
      free,
      `<${price.source}>`,
    ];
  }),
]).join("\n")}

Read on ${READ_ON} from stored copies of these pages and of their sources, and kept in one file of this repository, \`harness/costs/prices.ts\`. Not verified:

- that calls of a Worker's own entry points through \`ctx.exports\` are no requests. They are documented as [service bindings](https://developers.cloudflare.com/changelog/2025-09-26-ctx-exports), whose calls are free but for their CPU time;
- that a run of the schedule counts as one request to the Worker: it is taken to;
- the price of logs from 1 December 2026, and how large an event is;
- how the wall time of an object is rounded. Local workerd cannot tell, and no page found says it.`;

const closing = (): string => `## What this does not know

- How far nodes and aggregators really are from your vantages: time at work is in proportion to it, rows and calls are not.
- TLS: an \`https://\` look takes two more round trips and more CPU than the \`http://\` looks counted here.
- An object between ticks is taken to cost nothing: [an idle object that may hibernate is not billed](https://developers.cloudflare.com/durable-objects/platform/pricing/). By its code nothing of this detector's waits in an object between ticks, but for 50 ms in which a prober
  may still be used; that the platform sees it so was not tried.
- The first minutes of a failure, with their bursts: see [the benchmarks](bench.md#rows-and-calls).
- Taxes, minimum charges, and rounding to whole millions, which Cloudflare's own examples show.`;
