/** What a conductor tells shard 0 of a line of its group's history. */
import type { Asked } from "../domain/audit.ts";
import type { GroupChange } from "../domain/group.ts";
import { toInstant } from "../domain/instant.ts";
import type { GroupWord } from "../domain/rpc.ts";
import type { GroupState } from "../group/group-state.ts";

type Word = Omit<GroupWord, "number">;

/** What webhooks are sent: that the group changed, or did not though it would have. */
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

/** What somebody asked for may be seen of the group, before and after it. */
const shown = ({ config, leader, frozen, switching }: GroupState): unknown =>
  config === null ? null : { ...config, leader, frozen, switching };

/** The line of the audit about what somebody asked for. */
export const auditOf = (state: GroupState, before: GroupState, { by, what, request }: Asked): Word => ({
  audit: { at: toInstant(state.at), by, what, before: shown(before), after: shown(state), request },
});
