import { type GroupAnswer, HeldSchema, type StatedGroup } from "../../domain/group.ts";
import type { Metric } from "./exposition.ts";

type Samples = Metric["samples"];

const gauge = (name: string, help: string, samples: Samples): Metric => ({
  name,
  help,
  type: "gauge",
  samples,
});

/** Which members serve or lead in each group, and what keeps the group from a change. */
export const groupMetrics = (groups: readonly StatedGroup[]): Metric[] => {
  const known = groups.flatMap(({ state }) => state ?? []);
  const perGroup = (value: (group: GroupAnswer) => number | null): Samples =>
    known.flatMap((one): Samples => {
      const found = value(one);
      return found === null ? [] : [[{ group: one.group }, found]];
    });
  const perMember = (value: (member: GroupAnswer["members"][number]) => boolean): Samples =>
    known.flatMap(({ group, members }) =>
      members.map((one): Samples[number] => [
        { group, site: one.site, target: one.target },
        Number(value(one)),
      ]),
    );
  return [
    gauge(
      "parallax_group_up",
      "0 where a group's conductor did not answer: all else of the group is missing here.",
      groups.map(({ group, state }): Samples[number] => [{ group }, Number(state !== null)]),
    ),
    gauge(
      "parallax_group_members",
      "Members of the group.",
      perGroup(({ members }) => members.length),
    ),
    gauge(
      "parallax_group_serving",
      "Members that serve now; of a group with a leader 1, or 0 where nobody leads.",
      perGroup(({ serving }) => serving.length),
    ),
    gauge(
      "parallax_group_member_serves",
      "1 where the member serves, or leads.",
      perMember(({ serves }) => serves),
    ),
    gauge(
      "parallax_group_leads",
      "1 where the member leads; in a pool 0 of all.",
      perMember(({ leads }) => leads),
    ),
    gauge(
      "parallax_group_epoch",
      "Rises with each change of who serves or leads, and never falls.",
      perGroup(({ epoch }) => epoch),
    ),
    gauge(
      "parallax_group_switches_left",
      "Changes of the leader that are left within this hour; missing in a pool.",
      perGroup(({ switchesLeft }) => switchesLeft),
    ),
    gauge(
      "parallax_group_held",
      "1 for each brake that keeps the group from a change now, 0 for every other there is.",
      known.flatMap(({ group, heldBy }) =>
        HeldSchema.shape.what.options.map((what): Samples[number] => [
          { group, what },
          Number(heldBy.some((one) => one.what === what)),
        ]),
      ),
    ),
    gauge(
      "parallax_group_frozen",
      "1 while somebody has frozen the group.",
      perGroup(({ frozen }) => Number(frozen !== null)),
    ),
  ];
};
