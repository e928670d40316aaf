/** Two groups for each pair: a pool, and one that has a leader. */
import type { DetectorApi } from "../../scripts/detector-api.ts";
import { until } from "../../scripts/until.ts";
import type { GroupAnswer } from "../../src/domain/group.ts";
import { type State, TRUTHS } from "./state.ts";
import type { Pair } from "./world.ts";

const LEADS_WITHIN_MS = 20_000;

/** The groups' names, by the primary's site. */
export const poolOf = (site: string): string => `web-${site}`;
export const leaderOf = (site: string): string => `db-${site}`;

/** The members that serve in a pair's state: if both are lost, the one that fell last stays in. */
export const servesIn = (state: State): "both" | "standby" =>
  TRUTHS[state].avoid === 200 ? "standby" : "both";
export const leadsIn = (state: State): "primary" | "standby" =>
  TRUTHS[state].failover === 200 ? "standby" : "primary";

const groupAt = async (api: DetectorApi, name: string): Promise<GroupAnswer> => {
  const { status, text } = await api.ask(`/v1/groups/${name}`);
  if (status !== 200) throw new Error(`GET /v1/groups/${name}: ${status} ${text}`);
  return JSON.parse(text) as GroupAnswer;
};

/** `both`, or the name of the target that serves alone. */
const whoIn = ({ serving }: GroupAnswer): string =>
  serving.length === 2 ? "both" : (serving[0]?.target ?? "nobody");

/** In words, where a pair's groups differ from what its state requires. */
export const groupIlls = async (api: DetectorApi, state: State): Promise<string[]> => {
  const wanted = { [poolOf(state)]: servesIn(state), [leaderOf(state)]: leadsIn(state) };
  const found = await Promise.all(
    Object.entries(wanted).map(async ([name, right]) => {
      const group = await groupAt(api, name);
      return whoIn(group) === right ? [] : [`${name} ${whoIn(group)}: ${group.because}`];
    }),
  );
  return found.flat();
};

/** Makes a pair's groups, and waits until its primary leads. Both nodes must be alive. */
export const makeGroups = async (api: DetectorApi, pair: Pair): Promise<void> => {
  const { site } = pair.primary.key;
  const members = [pair.primary, pair.standby].map(({ key, address }, index) => ({
    ...key,
    address,
    priority: index + 1,
  }));
  for (const [name, mode] of [
    [poolOf(site), "pool"],
    [leaderOf(site), "leader"],
  ] as const) {
    const { status, text } = await api.ask(`/v1/groups/${name}`, { method: "PUT", body: { mode, members } });
    if (status !== 201) throw new Error(`PUT /v1/groups/${name}: ${status} ${text}`);
  }
  await until(async () => whoIn(await groupAt(api, leaderOf(site))) === "primary", {
    withinMs: LEADS_WITHIN_MS,
    explain: async () => JSON.stringify(await groupAt(api, leaderOf(site))),
  });
};
