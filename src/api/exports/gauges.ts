/** All metrics, under the names usual in the field. `docs/metrics.md` has the table. */
import type { ShardSnapshot, CountedTarget } from "../../domain/snapshot.ts";
import type { StatedGroup } from "../../domain/group.ts";
import type { VantageAnswer } from "../../domain/vantage.ts";
import type { WebhookCounts } from "../../domain/webhook.ts";
import { VERSION } from "../../domain/version.ts";
import { VerdictSchema, type VerdictAnswer } from "../../domain/verdict.ts";
import type { Metric } from "./exposition.ts";
import { groupMetrics } from "./group-gauges.ts";
import { loadMetrics } from "./load-gauges.ts";
import { mayFailOver } from "../../domain/polarity.ts";
import { mergeVantages, vantagesFor } from "../routes/vantage-routes.ts";

/** The input of one scrape. */
export interface Measured {
  /** Every shard asked, and whether it answered. */
  up: [shard: number, answered: boolean][];
  censuses: ShardSnapshot[];
  targets: CountedTarget[];
  /** Null where the list of groups could not be read. */
  groups: StatedGroup[] | null;
  /** The sites that the reader is confined to: figures of the work for other sites are left out. Undefined: not confined. */
  sites: readonly string[] | undefined;
  /** Epoch milliseconds. */
  now: number;
}

type Samples = Metric["samples"];

const secondsSince = (instant: string, now: number): number => Math.max(0, now - Date.parse(instant)) / 1_000;

/** One sample for each target; none where the value is null. */
const perTarget = (
  name: string,
  help: string,
  targets: CountedTarget[],
  value: (target: CountedTarget) => number | boolean | null,
): Metric => ({
  name,
  help,
  type: "gauge",
  samples: targets.flatMap((one): Samples => {
    const { site, target } = one.verdict;
    const found = value(one);
    return found === null ? [] : [[{ site, target }, Number(found)]];
  }),
});

/** One sample for each vantage's newest observation that counts. */
const perLook = (
  name: string,
  help: string,
  targets: CountedTarget[],
  value: (observation: VerdictAnswer["evidence"][number]) => number,
): Metric => ({
  name,
  help,
  type: "gauge",
  samples: targets.flatMap(({ verdict: { site, target, evidence } }) =>
    evidence.map((seen): Samples[number] => [{ site, target, vantage: seen.vantage }, value(seen)]),
  ),
});

const verdictMetrics = (targets: CountedTarget[], now: number): Metric[] => [
  {
    name: "parallax_verdict",
    help: "1 for the verdict that holds of a target, 0 for every other there is.",
    type: "gauge",
    samples: targets.flatMap(({ verdict: { site, target, verdict } }) =>
      VerdictSchema.options.map((one): Samples[number] => [
        { site, target, verdict: one },
        Number(one === verdict),
      ]),
    ),
  },
  perTarget(
    "parallax_verdict_confirmed",
    "1 where a quorum bears the verdict out.",
    targets,
    ({ verdict }) => verdict.confirmed,
  ),
  perTarget(
    "parallax_verdict_stale",
    "1 where the evidence is too old to be believed.",
    targets,
    ({ verdict }) => verdict.stale,
  ),
  perTarget(
    "parallax_verdict_age_seconds",
    "Since the newest observation that counts began; missing before the first.",
    targets,
    ({ verdict: { asOf } }) => (asOf === null ? null : secondsSince(asOf, now)),
  ),
  perTarget("parallax_verdict_held_seconds", "For how long the verdict has held.", targets, ({ verdict }) =>
    secondsSince(verdict.since, now),
  ),
  perTarget(
    "parallax_verdict_sequence",
    "Rises with every transition and never falls.",
    targets,
    ({ verdict }) => verdict.sequence,
  ),
  perTarget(
    "parallax_verdict_rehearsal",
    "1 where the verdict rests on a drill that is not live.",
    targets,
    ({ rehearsal }) => rehearsal,
  ),
  perTarget(
    "parallax_routing_serve",
    "1 where traffic should go there, 0 where it should not.",
    targets,
    ({ verdict }) => verdict.advice.routing === "serve",
  ),
  perTarget(
    "parallax_failover_advised",
    "1 where a successor may take its place: as /failover answers.",
    targets,
    ({ verdict, rehearsal }) => mayFailOver(verdict, { rehearsal }),
  ),
  perTarget(
    "parallax_target_paused",
    "1 where an operator paused the target.",
    targets,
    ({ verdict }) => verdict.paused,
  ),
  perTarget(
    "parallax_target_muted",
    "1 where nobody is to be notified of the target for a while.",
    targets,
    // Absent where the aggregator is of an earlier release.
    ({ verdict }) => (verdict.muted ?? null) !== null,
  ),
];

const vantageMetrics = ({ censuses, sites, now }: Measured): Metric[] => {
  const merged = vantagesFor(sites, mergeVantages(censuses.map(({ vantages }) => vantages)));
  return [
    {
      name: "parallax_vantage_sound",
      help: "1 for a vantage whose word counts.",
      type: "gauge",
      samples: merged.map(({ id, kind, region, provider, state }): Samples[number] => [
        { vantage: id, kind, region, provider },
        Number(state === "sound"),
      ]),
    },
    {
      name: "parallax_vantage_last_report_age_seconds",
      help: "Since a vantage's newest report; missing before the first.",
      type: "gauge",
      samples: merged.flatMap(({ id, lastReportAt }): Samples =>
        lastReportAt === null ? [] : [[{ vantage: id }, secondsSince(lastReportAt, now)]],
      ),
    },
  ];
};

/** Each shard has counters of its own: a sum would fall, and seem to start anew, whenever a shard did not answer. */
const counted = (
  name: string,
  help: string,
  censuses: ShardSnapshot[],
  value: (vantage: VantageAnswer) => number,
): Metric => ({
  name,
  help,
  type: "counter",
  samples: censuses.flatMap(({ shard, vantages }) =>
    vantages.map((one): Samples[number] => [{ shard: String(shard), vantage: one.id }, value(one)]),
  ),
});

const perShard = (
  name: string,
  help: string,
  type: Metric["type"],
  censuses: ShardSnapshot[],
  value: (census: ShardSnapshot) => number,
): Metric => ({
  name,
  help,
  type,
  samples: censuses.map((census): Samples[number] => [{ shard: String(census.shard) }, value(census)]),
});

const counterMetrics = (censuses: ShardSnapshot[]): Metric[] => [
  counted("parallax_reports_total", "Reports taken.", censuses, ({ counts }) => counts.reports),
  counted(
    "parallax_observations_total",
    "Observations taken.",
    censuses,
    ({ counts }) => counts.observations,
  ),
  counted(
    "parallax_outbox_dropped_total",
    "Observations a vantage lost because its outbox was full.",
    censuses,
    ({ counts }) => counts.dropped,
  ),
  counted(
    "parallax_vantage_restarts_total",
    "How often a vantage that had stopped was started again.",
    censuses,
    ({ rearmed }) => rearmed,
  ),
  counted(
    "parallax_turns_total",
    "Turns to look at a target that came up, by a vantage's own word.",
    censuses,
    ({ turns }) => turns.due,
  ),
  counted(
    "parallax_missed_turns_total",
    "Those of them that went by without a look until the next one.",
    censuses,
    ({ turns }) => turns.missed,
  ),
  perShard(
    "parallax_bursts_total",
    "Judgements that asked for probes out of turn.",
    "counter",
    censuses,
    ({ counters }) => counters.bursts,
  ),
  perShard(
    "parallax_burst_probes_total",
    "Probes asked for out of turn.",
    "counter",
    censuses,
    ({ counters }) => counters.burstProbes,
  ),
];

/** These counts of every webhook, each under a label. */
const perWebhook = (
  metric: Omit<Metric, "samples">,
  label: string,
  counts: (keyof WebhookCounts)[],
  censuses: ShardSnapshot[],
): Metric => ({
  ...metric,
  samples: censuses.flatMap(({ shard, webhooks }) =>
    webhooks.flatMap((one) =>
      counts.map((count): Samples[number] => [
        { shard: String(shard), webhook: one.id, [label]: count },
        one[count],
      ]),
    ),
  ),
});

const webhookMetrics = (censuses: ShardSnapshot[]): Metric[] => [
  perWebhook(
    {
      name: "parallax_webhook_deliveries_total",
      help: "Messages taken by the receiver, attempts that failed, and messages dropped since too many waited.",
      type: "counter",
    },
    "outcome",
    ["delivered", "failed", "dropped"],
    censuses,
  ),
  perWebhook(
    {
      name: "parallax_webhook_messages",
      help: "Messages that wait for an attempt, and those given up that are kept and can be replayed.",
      type: "gauge",
    },
    "state",
    ["pending", "dead"],
    censuses,
  ),
];

const targetMetrics = ({ targets, now }: Measured): Metric[] => [
  perLook(
    "probe_success",
    "1 where a vantage's newest observation that counts is the expected answer.",
    targets,
    ({ outcome }) => Number(outcome === "ok"),
  ),
  perLook("probe_duration_seconds", "How long that probe took.", targets, ({ totalMs }) => totalMs / 1_000),
  ...verdictMetrics(targets, now),
];

/** How much work there is, and how much is done, for all sites together. */
const workMetrics = ({ censuses }: Measured): Metric[] => [
  ...loadMetrics(censuses),
  ...counterMetrics(censuses),
  ...webhookMetrics(censuses),
];

const shardMetrics = ({ up, censuses }: Measured): Metric[] => [
  perShard(
    "parallax_targets",
    "Targets that this shard watches.",
    "gauge",
    censuses,
    (census) => census.targets.length,
  ),
  {
    name: "parallax_shard_up",
    help: "0 where a shard did not answer: its targets, vantages and counters are missing here.",
    type: "gauge",
    samples: up.map(([shard, answered]): Samples[number] => [{ shard: String(shard) }, Number(answered)]),
  },
  {
    name: "parallax_build_info",
    help: "1; the version is the label.",
    type: "gauge",
    samples: [[{ version: VERSION }, 1]],
  },
];

/** All metrics, in the order of the scrape. */
export const metricsOf = (measured: Measured): Metric[] => [
  ...targetMetrics(measured),
  ...groupMetrics(measured.groups ?? []),
  ...vantageMetrics(measured),
  ...(measured.sites === undefined ? workMetrics(measured) : []),
  ...shardMetrics(measured),
];
