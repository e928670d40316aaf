/** What a conductor sends to shard 0 about a line of its group's history. */
import type { Asked } from "../domain/audit.ts";
import type { GroupChange } from "../domain/group.ts";
import { toInstant } from "../domain/instant.ts";
import type { GroupWord } from "../domain/rpc.ts";
import type { GroupState } from "../group/group-state.ts";

type Word = Omit<GroupWord, "number">;

/** The message for webhooks: that the group changed, or that a change was withheld. */
export const messageOf = (state: GroupState, before: GroupState, change: GroupChange): Word[] => {
  const { kind } = change;
  const config = state.config ?? before.config;
  if (config === null || (kind !== "changed" && kind !== "withheld")) return [];
  const sites = [...new Set(config.members.map(({ site }) => site))];
  const data = { group: state.group, mode: config.mode, change };
  return [
    {
      message: {
        sites,
        body: {
          type: kind === "changed" ? "group.changed" : "group.withheld",
          timestamp: change.at,
          data,
        },
      },
    },
  ];
};

/** What the audit shows of the group before and after a request. */
const shown = ({ config, leader, frozen, switching }: GroupState): unknown =>
  config === null ? null : { ...config, leader, frozen, switching };

/** The audit line about a request. */
export const auditOf = (state: GroupState, before: GroupState, { by, what, request }: Asked): Word => ({
  audit: { at: toInstant(state.at), by, what, before: shown(before), after: shown(state), request },
});
