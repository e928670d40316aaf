/** A group as the API shows it. */
import type { GroupAnswer, GroupConfig, LeaderAnswer, LeaseAnswer } from "../domain/group.ts";
import { toInstant } from "../domain/plain/rfc3339.ts";
import { type Brake, brakesOn, held, shownBrake, switchesWithin } from "./brakes.ts";
import { unfitness } from "./fitness.ts";
import { switchShown, wishOf } from "./leader.ts";
import { outMax, poolHeld, servingOf } from "./pool.ts";
import { type GroupState, membersOf } from "./group-state.ts";

const instant = (at: number | null): string | null => (at === null ? null : toInstant(at));

/** The leader; null where there is none. */
export const leaderAnswer = (state: GroupState): LeaderAnswer | null => {
  const { leader, epoch, lease } = state;
  const found = membersOf(state).find(({ name }) => name === leader);
  if (found === undefined) return null;
  const { site, target, address } = found.config;
  return {
    site,
    target,
    address,
    epoch,
    until: lease === null || lease.isOver ? null : toInstant(lease.until),
  };
};

/** What could work better than it does. */
const warningsOf = ({ mode, members, policy }: GroupConfig, { leader, lease }: GroupState): string[] =>
  [
    members.length === 1 ? "the group has one member: nothing can take its place" : "",
    mode === "pool" && outMax({ mode, members, policy }) === 0
      ? "policy.maxOut and policy.minServing let no member go out, whatever happens to it"
      : "",
    mode === "leader" && new Set(members.map(({ site }) => site)).size === 1
      ? "all members stand in one site: what cuts it off leaves no successor"
      : "",
    mode === "leader" && policy.lease === "strict"
      ? `policy.lease is strict: while the detector cannot be reached for ${policy.leaseMs} ms, the leader stops, and nobody leads`
      : "",
    mode === "leader" && policy.lease === "strict" && leader !== null && lease?.isStrict === false
      ? `${leader} was told before that it need not stop: the lease is counted on from the next grant on, which POST …/switch brings`
      : "",
    mode === "leader" && policy.maxSwitchesPerHour === 0
      ? "policy.maxSwitchesPerHour is 0: the leader never changes by itself"
      : "",
  ].filter((warning) => warning !== "");

const because = (state: GroupState): string => {
  const { config, leader } = state;
  if (config?.mode === "leader" && leader === null)
    return state.holder === null ? "nobody has led yet" : `nobody leads: ${state.because}`;
  return state.because;
};

/** What keeps the group from a change now. */
const brakesShown = (state: GroupState): Brake[] => {
  const { config, switching, leader, lease, at } = state;
  if (config?.mode === "pool") return poolHeld(state);
  if (switching === null)
    return wishOf(state)?.heldBy ?? brakesOn(state, at).filter(({ what }) => what === "freeze");
  if (leader === null || lease === null || lease.isOver)
    return [held("stopping", `${switching.to} has to ask for the lease`, switching.to)];
  return [
    held("stopping", `${leader} has to say that it stopped, or its lease to run out`, leader, lease.until),
  ];
};

type ShownMember = GroupAnswer["members"][number];

const UNSEEN = {
  verdict: "unknown",
  confirmed: false,
  sequence: 0,
  routing: null,
  position: null,
} as const;

const shownMember = (
  state: GroupState,
  { name, config, member }: ReturnType<typeof membersOf>[number],
  serves: boolean,
): ShownMember => {
  const unfit = unfitness(state, member, state.at);
  const why = unfit === null || unfit.kind === "passing" ? null : unfit.why;
  const { verdict, confirmed, sequence, routing, position } = member.view ?? UNSEEN;
  return {
    ...config,
    verdict,
    confirmed,
    sequence,
    routing,
    position,
    asOf: instant(member.view?.asOf ?? null),
    validUntil: instant(member.view?.validUntil ?? null),
    serves,
    leads: state.leader === name,
    fit: why === null,
    unfitBecause: why,
  };
};

/** When the newest look that the members' verdicts rest on began, and until when all verdicts are fresh. */
const freshness = (state: GroupState): { asOf: number | null; validUntil: number | null } => {
  const views = membersOf(state).map(({ member }) => member.view);
  const looks = views.flatMap((view) => view?.asOf ?? []);
  const ends = views.map((view) => view?.validUntil ?? null);
  const known = ends.filter((end) => end !== null);
  return {
    asOf: looks.length === 0 ? null : Math.max(...looks),
    validUntil: known.length < ends.length ? null : Math.min(...known),
  };
};

/** The whole answer; null if there is no such group. `region`: shows which members of a pool serve as seen from there. */
export const groupAnswer = (state: GroupState, region?: string): GroupAnswer | null => {
  const { config, frozen, leader } = state;
  if (config === null) return null;
  const { mode, policy } = config;
  const serves = new Set(mode === "pool" ? servingOf(state, region) : [leader]);
  const members = membersOf(state);
  const { asOf, validUntil } = freshness(state);
  return {
    group: state.group,
    mode,
    members: members.map((one) => shownMember(state, one, serves.has(one.name))),
    policy,
    serving: members.filter(({ name }) => serves.has(name)).map((one) => one.config),
    leader: mode === "leader" ? leaderAnswer(state) : null,
    epoch: state.epoch,
    since: toInstant(state.changedAt),
    asOf: instant(asOf),
    validUntil: instant(validUntil),
    because: because(state),
    heldBy: brakesShown(state).map(shownBrake),
    switchesLeft:
      mode === "leader"
        ? Math.max(0, policy.maxSwitchesPerHour - switchesWithin(state, state.at).length)
        : null,
    frozen: frozen === null ? null : { ...frozen, until: toInstant(frozen.until) },
    switching: switchShown(state, config),
    warnings: warningsOf(config, state),
    createdAt: toInstant(state.createdAt),
    updatedAt: toInstant(state.updatedAt),
  };
};

/** The answer to a member that asked for the lease; null if it does not lead, or has to stop. */
export const leaseAnswer = (state: GroupState, name: string): LeaseAnswer | null => {
  const { config, leader, switching, lease, epoch } = state;
  if (config === null || leader !== name || switching?.from === name || lease === null || lease.isOver)
    return null;
  return { epoch, leaseMs: config.policy.leaseMs, until: toInstant(lease.until), lease: config.policy.lease };
};
