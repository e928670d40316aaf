/**
 * The entry to all rules of a group: the state after one event, and the lines of history that the event adds. Pure: the same state, event
 * and instant give the same decision. Events are decided one by one, and shards' views member by member, so that one batch or many end
 * alike.
 */
import type { GroupChange, GroupConfig, MemberView } from "../domain/group.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import { type Brake, brakesOn, held } from "./brakes.ts";
import type { GroupEvent } from "./group-event.ts";
import { candidates } from "./fitness.ts";
import { leaseAsked, noteFitness, renewed, settleLeader } from "./leader.ts";
import { andThen, withLines, type GroupWithLines, untold, withheld } from "./history-lines.ts";
import { servingOf, settlePool } from "./pool.ts";
import { type GroupState, isFresh, memberName, newMember, withMember } from "./group-state.ts";

/** The outcome of an event. A refused `result` says why, and then nothing has changed. */
export interface GroupDecision {
  state: GroupState;
  lines: GroupChange[];
  result: Result<null>;
}

const done = ({ state, lines }: GroupWithLines): GroupDecision => ({ state, lines, result: accepted(null) });

/** Applies whatever is due at the state's own instant. */
const settled = (state: GroupState): GroupWithLines =>
  andThen(andThen(thawed(noteFitness(state)), settlePool), settleLeader);

const thawed = (state: GroupState): GroupWithLines => {
  const { frozen, at } = state;
  if (frozen === null || at < frozen.until) return untold(state);
  return withLines({ ...state, frozen: null }, { kind: "thawed", because: "the freeze ran out" });
};

/** Takes one member's view from its shard. A view older than the known one arrived late and changes nothing. */
const seen = (state: GroupState, view: MemberView): GroupState => {
  const name = memberName(view);
  if (state.config?.members.some((one) => memberName(one) === name) !== true) return state;
  const known = state.members[name] ?? newMember();
  if (known.view !== null && view.at < known.view.at) return state;
  // A view that arrives too late to be fresh is not evidence.
  const routing = isFresh(view, state.at) ? view.routing : null;
  const isAway = routing === "avoid";
  const isBack = routing === "serve";
  return withMember(state, name, {
    view,
    unheardAt: null,
    fellAt: isAway ? (known.fellAt ?? state.at) : isBack ? null : known.fellAt,
    servesSince: isAway
      ? null
      : isBack && known.fellAt !== null
        ? (known.servesSince ?? state.at)
        : known.servesSince,
  });
};

const viewed = (
  before: GroupState,
  views: readonly MemberView[],
  unheard: readonly string[],
): GroupWithLines => {
  let told = untold(before);
  for (const name of unheard)
    if (told.state.members[name] !== undefined)
      told = { ...told, state: withMember(told.state, name, { unheardAt: before.at }) };
  if (views.length === 0) return andThen(told, settled);
  for (const view of views) told = andThen(told, (state) => settled(seen(state, view)));
  return told;
};

const leased = (before: GroupState, member: string, released: number | null): GroupWithLines => {
  const { config, leader, holder, lease, epoch, switching, at } = before;
  if (config === null || before.members[member] === undefined) return settled(before);
  const state = withMember({ ...before, openedAt: before.openedAt ?? at }, member, { askedAt: at });
  if (released !== null) {
    // Also if its lease has run out meanwhile: the member must not get this epoch again, since messages it sent earlier may still arrive.
    const isOwn = holder === member && [member, null].includes(leader) && released === epoch;
    // An advisory leader that stops by itself does not choose its successor.
    const mayLeave = switching !== null || config.policy.lease === "strict";
    if (!isOwn || lease === null || !mayLeave) return settled(state);
    return settled({ ...state, lease: { ...lease, isReleased: true, isOver: true } });
  }
  if (leader !== member) return andThen(settled(state), (one) => leaseAsked(one, member));
  if (switching?.from === member || lease === null) return settled(state);
  return settled({ ...state, lease: renewed(state, lease) });
};

const ranOut = (state: GroupState, renewal: number): GroupWithLines => {
  const { lease } = state;
  return settled(lease?.renewal === renewal ? { ...state, lease: { ...lease, isOver: true } } : state);
};

/** Why a group may not get this configuration; null if it may. */
const misconfigured = (state: GroupState, config: GroupConfig): GroupDecision | null => {
  if (state.frozen !== null)
    return refuse(state, "conflict", `the group is frozen by ${state.frozen.by}: DELETE …/freeze first`);
  const { leader } = state;
  return config.mode === "leader" && leader !== null && !config.members.map(memberName).includes(leader)
    ? refuse(
        state,
        "conflict",
        `${leader} leads: POST …/switch to another member before you leave it out`,
        "members",
      )
    : null;
};

/** Members that stay keep their remembered state. */
const reshaped = (state: GroupState, config: GroupConfig): GroupState => {
  const names = config.members.map(memberName);
  const isSameMode = state.config?.mode === config.mode;
  return {
    ...state,
    config,
    members: Object.fromEntries(names.map((name) => [name, state.members[name] ?? newMember()])),
    revision: state.revision + 1,
    createdAt: state.config === null ? state.at : state.createdAt,
    updatedAt: state.at,
    leader: isSameMode ? state.leader : null,
    switching: isSameMode && names.includes(state.switching?.to ?? "") ? state.switching : null,
    withheld: null,
  };
};

/** The state after an event. If the event took a planned change away, a line says so, with what ended it. */
const withPlanEnded = (
  before: GroupState,
  after: GroupState,
  what: Brake["what"],
  why: string,
  until: number | null = null,
): GroupWithLines => {
  const { leader, switching } = before;
  if (switching === null || after.switching !== null) return untold(after);
  const brake = held(what, why, null, until);
  return withheld(after, `the change to ${switching.to} is given up`, [brake], [leader, switching.to]);
};

const configured = (state: GroupState, config: GroupConfig, by: string): GroupDecision => {
  const wrong = misconfigured(state, config);
  if (wrong !== null) return wrong;
  const because = `configured by ${by}`;
  const next = reshaped(state, config);
  const [before, after] = [state, next].map((one) => (one.config?.mode === "pool" ? servingOf(one) : []));
  const isOther = JSON.stringify(before) !== JSON.stringify(after);
  const moved = isOther ? { ...next, epoch: next.epoch + 1, changedAt: next.at, because } : next;
  const line = { kind: "configured", because, from: before ?? [], to: after ?? [], about: [], by } as const;
  const told = andThen(withLines(moved, line), (one) => withPlanEnded(state, one, "no-successor", because));
  return done(andThen(told, settled));
};

const deleted = (state: GroupState, by: string): GroupDecision => {
  const gone: GroupState = {
    ...state,
    config: null,
    members: {},
    leader: null,
    switching: null,
    frozen: null,
    withheld: null,
    revision: state.revision + 1,
  };
  return done(withLines(gone, { kind: "configured", because: `deleted by ${by}`, by }));
};

const refuse = (
  state: GroupState,
  reason: Parameters<typeof refused>[0],
  detail: string,
  path = "",
  retryAfterMs?: number,
): GroupDecision => ({ state, lines: [], result: refused(reason, detail, path, retryAfterMs) });

const switched = (state: GroupState, event: Extract<GroupEvent, { kind: "switch" }>): GroupDecision => {
  const { config, leader, at, switching } = state;
  const { to, reason, by } = event;
  if (config?.mode !== "leader")
    return refuse(state, "conflict", "the group is a pool: nobody leads it", "mode");
  if (switching !== null)
    return refuse(
      state,
      "conflict",
      `a change to ${switching.to} is under way, asked for by ${switching.by}`,
    );
  if (to !== null && state.members[to] === undefined)
    return refuse(state, "invalid", `must be a member: ${Object.keys(state.members).join(", ")}`, "to");
  if (to !== null && to === leader) return refuse(state, "conflict", `${to} leads already`, "to");
  const [brake] = brakesOn(state, at);
  if (brake !== undefined) {
    const waitMs = brake.until === null ? undefined : brake.until - at;
    return refuse(state, "conflict", `held by ${brake.what}: ${brake.detail}`, "", waitMs);
  }
  const all = candidates(state, at, [leader]).filter(({ name }) => to === null || name === to);
  const fit = all.find(({ unfit }) => unfit === null);
  if (fit === undefined)
    return refuse(
      state,
      "conflict",
      `no member may take the lead: ${all.map(({ name, unfit }) => `${name}: ${unfit?.why ?? ""}`).join("; ")}`,
      "to",
    );
  const begun = withLines(
    { ...state, switching: { from: leader, to: fit.name, reason, by, since: at }, withheld: null },
    { kind: "switching", because: reason, from: leader === null ? [] : [leader], to: [fit.name], by },
  );
  return done(andThen(begun, settled));
};

const frozen = (state: GroupState, event: Extract<GroupEvent, { kind: "freeze" }>): GroupDecision => {
  if (state.config === null) return refuse(state, "not-found", "there is no such group");
  if (state.switching !== null && state.lease?.isReleased === true)
    return refuse(
      state,
      "conflict",
      `a change to ${state.switching.to} is under way and the old leader has stopped: freeze when it is done`,
    );
  const { reason, until, by } = event;
  const told = withLines(
    { ...state, frozen: { reason, until, by }, switching: null, withheld: null },
    { kind: "frozen", because: reason, by },
  );
  const why = `frozen by ${by}: ${reason}`;
  return done(andThen(told, (one) => withPlanEnded(state, one, "freeze", why, until)));
};

const thaw = (state: GroupState, by: string): GroupDecision => {
  if (state.frozen === null) return refuse(state, "not-found", "the group is not frozen");
  const free = withLines(
    { ...state, frozen: null, withheld: null },
    { kind: "thawed", because: `ended by ${by}`, by },
  );
  return done(andThen(free, settled));
};

/**
 * The kept state may date from before the last renewals, so the lease counts as renewed just now. It stays strict or advisory as it was
 * kept.
 */
const restarted = (state: GroupState): GroupState => {
  const { lease } = state;
  if (lease === null || lease.isOver) return state;
  return { ...state, lease: { ...renewed(state, lease), isStrict: lease.isStrict } };
};

/** Moves all instants back, so that everything that waits for an instant waits as long as before. */
const setBack = (state: GroupState, byMs: number): GroupState => {
  const earlier = (at: number): number => at - byMs;
  const maybe = (at: number | null): number | null => (at === null ? null : earlier(at));
  const { lease, switching, frozen: freeze } = state;
  return {
    ...state,
    at: earlier(state.at),
    changedAt: earlier(state.changedAt),
    createdAt: earlier(state.createdAt),
    updatedAt: earlier(state.updatedAt),
    openedAt: maybe(state.openedAt),
    lease: lease === null ? null : { ...lease, until: earlier(lease.until) },
    switching: switching === null ? null : { ...switching, since: earlier(switching.since) },
    frozen: freeze === null ? null : { ...freeze, until: earlier(freeze.until) },
    switches: state.switches.map(earlier),
    members: Object.fromEntries(
      Object.entries(state.members).map(([name, member]) => [
        name,
        {
          // A view dated by the old clock would be newer than all that follow: the shard is asked again.
          view: null,
          unheardAt: null,
          fellAt: maybe(member.fellAt),
          servesSince: maybe(member.servesSince),
          fitSince: null,
          outSince: maybe(member.outSince),
          askedAt: maybe(member.askedAt),
        },
      ]),
    ),
  };
};

/** What one event makes of a group at `now`, epoch milliseconds; an instant before the last event counts as the last event's. */
export const decide = (before: GroupState, event: GroupEvent, now: number): GroupDecision => {
  if (event.kind === "set-back") {
    const back = setBack(before, event.byMs);
    return done(settled({ ...back, at: Math.max(now, back.at) }));
  }
  const state: GroupState = { ...before, at: Math.max(now, before.at) };
  switch (event.kind) {
    case "views":
      return done(viewed(state, event.views, event.unheard));
    case "lease":
      return done(leased(state, event.member, event.released));
    case "lease-over":
      return done(ranOut(state, event.renewal));
    case "configured":
      return configured(state, event.config, event.by);
    case "deleted":
      return deleted(state, event.by);
    case "switch":
      return switched(state, event);
    case "freeze":
      return frozen(state, event);
    case "thaw":
      return thaw(state, event.by);
    case "restarted":
      return done(settled(restarted(state)));
    case "tick":
      return done(settled(state));
  }
};
