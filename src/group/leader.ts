/**
 * Which member leads: at most one in each epoch. A grant takes the next epoch, and the conductor keeps the grant before it answers anyone.
 * An advisory leader leads until failover from it is advised. A strict leader leads until its lease has surely run out, whatever the
 * verdict, and the next leader is a member that asks.
 */
import type { GroupConfig } from "../domain/group.ts";
import { toInstant } from "../domain/plain/rfc3339.ts";
import { type Brake, brakesOn, held, isLeased, switchesWithin } from "./brakes.ts";
import { candidates, isRecent, isWell, type Unfit, unfitness } from "./fitness.ts";
import { andThen, withLines, OURSELVES, type GroupWithLines, untold, withheld } from "./history-lines.ts";
import { type GroupState, isFresh, type Lease, membersOf, newMember, type Switching } from "./group-state.ts";

/** What the group would do, and what keeps it from doing so; `to` is null if no member is fit. */
export interface SwitchWish {
  because: string;
  to: string | null;
  heldBy: Brake[];
  /** The wish only waits for the members to be asked for once more. */
  isPassing: boolean;
}

/** Whether the holder of the lease has stopped, or must have stopped because its strict lease ended. */
const isVacated = ({ lease }: GroupState): boolean =>
  lease === null || lease.isReleased || (lease.isOver && lease.isStrict);

/**
 * The lease after a renewal that is being sent to its holder. The answer may be lost, so a policy changed since the grant counts only where
 * it is laxer for the holder: until the next grant the longer lease counts, and advisory rather than strict.
 */
export const renewed = (state: GroupState, lease: Lease): Lease => {
  const { leaseMs = 0, lease: kind = "strict" } = state.config?.policy ?? {};
  const longest = Math.max(lease.leaseMs, leaseMs);
  return {
    ...lease,
    until: state.at + longest,
    leaseMs: longest,
    renewal: lease.renewal + 1,
    isOver: false,
    isStrict: lease.isStrict && kind === "strict",
  };
};

/** Makes a member the leader, with the next epoch and a lease. */
export const grant = (state: GroupState, to: string, because: string, by = OURSELVES): GroupWithLines => {
  const { config, at, holder, leader, lease } = state;
  if (config === null) return untold(state);
  const isSwitch = holder !== null && holder !== to;
  const { leaseMs, lease: kind } = config.policy;
  return withLines(
    {
      ...state,
      epoch: state.epoch + 1,
      changedAt: at,
      because,
      leader: to,
      holder: to,
      lease: {
        until: at + leaseMs,
        leaseMs,
        renewal: (lease?.renewal ?? 0) + 1,
        isOver: false,
        isReleased: false,
        isStrict: kind === "strict",
      },
      switching: null,
      switches: isSwitch ? [...switchesWithin(state, at), at] : state.switches,
      withheld: null,
    },
    {
      kind: "changed",
      because,
      from: leader === null ? [] : [leader],
      to: [to],
      about: [holder, to],
      by,
    },
  );
};

/** No member leads from now on. */
export const vacate = (state: GroupState, because: string): GroupWithLines => {
  const { leader, at } = state;
  if (leader === null) return untold(state);
  return withLines(
    { ...state, leader: null, changedAt: at, because },
    { kind: "changed", because, from: [leader], about: [leader] },
  );
};

/**
 * Whether the next best member must wait for this one. The first leader must not depend on which member was looked at first: a member that
 * is not known yet, or whose agent has not asked yet, may be the one that already leads.
 */
const mustWaitFor = (state: GroupState, { kind }: Unfit): boolean => {
  if (kind === "passing") return true;
  if (state.holder !== null) return false;
  const leaseMs = state.config?.policy.leaseMs ?? 0;
  return kind === "unknown" || (kind === "unasked" && state.at < (state.openedAt ?? state.at) + leaseMs);
};

/** The best of the members that might lead, or what is wrong with each. */
const successor = (
  state: GroupState,
  but: readonly (string | null)[],
): { to: string | null; isPassing: boolean; heldBy: Brake[] } => {
  const all = candidates(state, state.at, but);
  for (const { name, unfit } of all) {
    if (unfit === null) return { to: name, isPassing: false, heldBy: [] };
    if (mustWaitFor(state, unfit))
      return {
        to: null,
        isPassing: unfit.kind === "passing",
        heldBy: [held("evidence", `waits for ${name}: ${unfit.why}`, name)],
      };
  }
  const why = all.map(({ name, unfit }) => held("no-successor", unfit?.why ?? "it leads", name));
  return {
    to: null,
    isPassing: false,
    heldBy: why.length > 0 ? why : [held("no-successor", "the group has no other member")],
  };
};

/** The wish for the leader to go, held back because its shard does not advise failover. */
const unadvised = (state: GroupState, leader: string): SwitchWish | null => {
  const view = state.members[leader]?.view ?? null;
  if (!isFresh(view, state.at) || view.routing !== "avoid") return null;
  const brake = held("advice", `failover is not advised: it is ${view.verdict}, ${view.because}`, leader);
  return {
    because: `${leader} is ${view.verdict}`,
    to: null,
    heldBy: [brake, ...brakesOn(state, state.at)],
    isPassing: false,
  };
};

/** Whether the leader's shard advises failover. */
const isFailing = (state: GroupState, leader: string): boolean => {
  const view = state.members[leader]?.view ?? null;
  return isFresh(view, state.at) && view.failover;
};

/** A member of better priority that has been fit for long enough, if the policy takes the lead back. */
const failbackOf = (state: GroupState, config: GroupConfig, leader: string): SwitchWish | null => {
  const { failback, failbackAfterMs } = config.policy;
  if (failback !== "automatic") return null;
  const members = membersOf(state);
  const own = members.find(({ name }) => name === leader)?.config.priority ?? 0;
  const better = members
    .filter(
      ({ config: { priority }, member: { fitSince } }) =>
        priority < own && fitSince !== null && state.at >= fitSince + failbackAfterMs,
    )
    .toSorted((a, b) => a.config.priority - b.config.priority || a.place - b.place)[0];
  if (better === undefined) return null;
  const unfit = unfitness(state, better.member, state.at);
  const blocked =
    unfit === null
      ? []
      : [held(unfit.kind === "passing" ? "evidence" : "no-successor", unfit.why, better.name)];
  return {
    because: `${better.name} is preferred, and has been fit for ${failbackAfterMs} ms`,
    to: unfit === null ? better.name : null,
    heldBy: [...blocked, ...brakesOn(state, state.at)],
    isPassing: unfit?.kind === "passing",
  };
};

/** The member that would get the lead while no member leads. */
const vacant = (state: GroupState, config: GroupConfig): SwitchWish => {
  const { holder, at } = state;
  const next = successor(state, []);
  // The last holder may get the lease again: that puts no other member in its place.
  const brakes = holder === null || next.to === holder ? freezeOf(state) : brakesOn(state, at);
  const isAskedFor = config.policy.lease === "strict" && next.to !== null;
  const unasked = isAskedFor ? [held("lease", "a fit member has to ask for the lease", next.to)] : [];
  return { ...next, because: "nobody leads", heldBy: [...next.heldBy, ...brakes, ...unasked] };
};

/** What the group would do now by itself; null for nothing. */
export const wishOf = (state: GroupState): SwitchWish | null => {
  const { config, leader, at } = state;
  if (config === null || config.mode !== "leader" || state.switching !== null) return null;
  if (leader === null) return vacant(state, config);
  if (!isFailing(state, leader)) return unadvised(state, leader) ?? failbackOf(state, config, leader);
  const next = successor(state, [leader]);
  const view = state.members[leader]?.view ?? null;
  const old = isRecent(view, at)
    ? []
    : [held("evidence", "the leader was not asked for in the last seconds", leader)];
  return {
    ...next,
    isPassing: next.isPassing || old.length > 0,
    because: `failover from ${leader} is advised: ${view?.verdict ?? ""}, ${view?.because ?? ""}`,
    heldBy: [...old, ...next.heldBy, ...brakesOn(state, at)],
  };
};

const freezeOf = (state: GroupState): Brake[] =>
  brakesOn(state, state.at).filter(({ what }) => what === "freeze");

/** Why a planned change is given up; null if it goes on. */
const givenUp = (state: GroupState, config: GroupConfig, { to, since }: Switching): string | null => {
  if (state.at >= switchUntil(config, since)) return "it did not take the lead in time";
  const unfit = unfitnessOf(state, to);
  return unfit === null || unfit.kind === "passing" ? null : unfit.why;
};

const unfitnessOf = (state: GroupState, name: string): Unfit | null =>
  unfitness(state, state.members[name] ?? newMember(), state.at);

/** Takes a planned change as far as it can go; gives it up if the next leader is no longer fit. */
const settleSwitch = (state: GroupState, config: GroupConfig, switching: Switching): GroupWithLines => {
  const { leader, lease } = state;
  const { to, by, reason } = switching;
  const why = givenUp(state, config, switching);
  if (why !== null)
    return withheld(
      { ...state, switching: null },
      `the change to ${to} is given up`,
      [held("no-successor", why, to)],
      [leader, to],
    );
  const hasStopped = lease === null || lease.isOver || (leader === null && !lease.isStrict);
  if (!hasStopped || unfitnessOf(state, to) !== null) return untold(state);
  const how = lease?.isReleased === true ? "has stopped" : "has no lease any more";
  const because = `${reason} (planned by ${by}${leader === null ? "" : `; ${leader} ${how}`})`;
  return config.policy.lease === "strict" ? vacate(state, because) : grant(state, to, because, by);
};

/** Does what is due for the leader. */
export const settleLeader = (state: GroupState): GroupWithLines => {
  const { config, switching } = state;
  if (config === null || config.mode !== "leader") return untold(state);
  const told = switching === null ? untold(state) : settleSwitch(state, config, switching);
  return told.state.switching === null ? andThen(told, (one) => settleFree(one, config)) : told;
};

/** What is due while no planned change is under way. */
const settleFree = (before: GroupState, config: GroupConfig): GroupWithLines => {
  // A strict leader whose lease has run out or was released leads no longer.
  const told =
    before.leader !== null && isVacated(before)
      ? vacate(
          before,
          `${before.leader} ${before.lease?.isReleased === true ? "has stopped" : "did not renew its lease"}`,
        )
      : untold(before);
  return andThen(told, (state) => settleWish(state, config));
};

/** Whether the leader's view is fresh: only then does a missing wish mean that a withheld change is over. */
const isKnown = (state: GroupState): boolean =>
  isFresh(state.members[state.leader ?? ""]?.view ?? null, state.at);

const settleWish = (state: GroupState, config: GroupConfig): GroupWithLines => {
  const wish = wishOf(state);
  const { leader, holder } = state;
  if (wish === null) return untold(isKnown(state) ? { ...state, withheld: null } : state);
  const isStrict = config.policy.lease === "strict";
  if (wish.heldBy.length > 0 || wish.to === null) {
    // Nothing counts as withheld at a first start, or if only a request for the lease is missing.
    const isQuiet = wish.isPassing || holder === null || wish.heldBy.every(({ what }) => what === "lease");
    return isQuiet ? untold(state) : withheld(state, wish.because, wish.heldBy, [leader, wish.to]);
  }
  // A leader that can be made to stop has to stop first: its lease is not renewed, and the next leads once it has stopped or its lease is
  // over.
  const mustStop = leader !== null && (!isFailing(state, leader) || isLeased(state));
  if (mustStop) {
    const switching = { from: leader, to: wish.to, reason: wish.because, by: OURSELVES, since: state.at };
    const begun = withLines(
      { ...state, switching },
      { kind: "switching", because: wish.because, from: [leader], to: [wish.to] },
    );
    return andThen(begun, (one) => settleSwitch(one, config, switching));
  }
  if (isStrict) return vacate(state, wish.because);
  return grant(state, wish.to, leader === null ? "nobody led" : wish.because);
};

/** What a member that asks for a strict lease, and does not lead, may have. With an advisory lease asking changes nothing. */
export const leaseAsked = (state: GroupState, name: string): GroupWithLines => {
  const { config, leader, holder, switching, at, lease } = state;
  if (config?.mode !== "leader" || config.policy.lease !== "strict" || leader !== null) return untold(state);
  if (switching !== null) {
    const isNext = switching.to === name && unfitnessOf(state, name) === null;
    return isNext ? grant(state, name, switching.reason, switching.by) : untold(state);
  }
  const isHolder = holder === name;
  if (isHolder && lease?.isReleased === false) return regrant(state, name);
  const brakes = holder === null || isHolder ? freezeOf(state) : brakesOn(state, at);
  const isBest = brakes.length === 0 && successor(state, []).to === name;
  return isBest ? grant(state, name, "it asked, and nobody led") : untold(state);
};

/** The member that let its lease run out has it again, in its own epoch: no other member has had one since. */
const regrant = (state: GroupState, name: string): GroupWithLines => {
  const because = "it asks again, and nobody else has led since";
  return withLines(
    {
      ...state,
      leader: name,
      changedAt: state.at,
      because,
      lease: state.lease === null ? null : renewed(state, state.lease),
    },
    { kind: "changed", because, to: [name] },
  );
};

/** Notes since when each member has been fit to lead. */
export const noteFitness = (state: GroupState): GroupState => {
  let members = state.members;
  for (const { name, member } of membersOf(state)) {
    const well = isWell(member, state.at);
    if (well === (member.fitSince !== null)) continue;
    members = { ...members, [name]: { ...member, fitSince: well ? state.at : null } };
  }
  return members === state.members ? state : { ...state, members };
};

/** When a planned change is given up. */
export const switchUntil = (config: GroupConfig, since: number): number => since + 2 * config.policy.leaseMs;

export const switchShown = (state: GroupState, config: GroupConfig) =>
  state.switching === null
    ? null
    : {
        from: state.switching.from,
        to: state.switching.to,
        reason: state.switching.reason,
        by: state.switching.by,
        since: toInstant(state.switching.since),
        until: toInstant(switchUntil(config, state.switching.since)),
      };
