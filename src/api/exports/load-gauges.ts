import type { ShardSnapshot } from "../../domain/snapshot.ts";
import type { VantageAnswer } from "../../domain/vantage.ts";
import type { Metric } from "./exposition.ts";

type Samples = Metric["samples"];

const gauge = (name: string, help: string, samples: Samples): Metric => ({
  name,
  help,
  type: "gauge",
  samples,
});

/** Whether the detector keeps up with its own schedule. */
export const loadMetrics = (censuses: ShardSnapshot[]): Metric[] => {
  const perShard = (value: (load: ShardSnapshot["load"]) => number): Samples =>
    censuses.map(({ shard, load }): Samples[number] => [{ shard: String(shard) }, value(load)]);
  const perVantage = (value: (looks: ShardSnapshot["load"]["looks"][number]) => number): Samples =>
    censuses.flatMap(({ shard, load }) =>
      load.looks.map((one): Samples[number] => [{ shard: String(shard), vantage: one.vantage }, value(one)]),
    );
  const perAnyVantage = (value: (turns: VantageAnswer["turns"]) => number): Samples =>
    censuses.flatMap(({ shard, vantages }) =>
      vantages.map(({ id, turns }): Samples[number] => [{ shard: String(shard), vantage: id }, value(turns)]),
    );
  return [
    gauge(
      "parallax_look_capacity",
      "Looks a second that a vantage can take in time, by which a PUT of a target is admitted.",
      perAnyVantage(({ perSecond }) => perSecond),
    ),
    gauge(
      "parallax_look_demand",
      "Looks a second that a vantage has to take.",
      perAnyVantage(({ assignedPerSecond }) => assignedPerSecond),
    ),
    gauge(
      "parallax_overloaded",
      "1 where half of the vantages have overdue looks or tick seconds late, or the alarm rang seconds late.",
      perShard(({ isOverloaded }) => Number(isOverloaded)),
    ),
    gauge(
      "parallax_overdue_looks",
      "Looks of a regional vantage that are overdue by a whole interval.",
      perVantage(({ overdue }) => overdue),
    ),
    gauge(
      "parallax_tick_lateness_seconds",
      "How late a regional vantage's ticks began at worst within one to two minutes.",
      perVantage(({ lateMs }) => lateMs / 1_000),
    ),
    gauge(
      "parallax_alarm_lateness_seconds",
      "How late the shard's alarm rang at worst within one to two minutes.",
      perShard(({ alarmLateMs }) => alarmLateMs / 1_000),
    ),
  ];
};
