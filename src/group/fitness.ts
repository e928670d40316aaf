/** Which members might lead, and in which order they are preferred. */
import type { MemberView } from "../domain/group.ts";
import type { GroupState, MemberState } from "./group-state.ts";
import { isFresh, membersOf } from "./group-state.ts";

/** A change rests on views no older than this; an older view is asked for again first. */
export const RECENT_MS = 5_000;
/** With an advisory lease, an agent that has not asked for this long, or for two leases if that is longer, counts as silent. */
const SILENT_MS = 10_000;

/**
 * Why a member may not lead. `passing`: only because its shard was not asked lately, which the conductor does next; `unknown`: nothing
 * fresh is known of it; `unasked`: its agent is silent; `unsuited`: it is known that the member may not lead.
 */
export interface Unfit {
  why: string;
  kind: "passing" | "unknown" | "unasked" | "unsuited";
}

const unsuited = (why: string): Unfit => ({ kind: "unsuited", why });

/** The highest position that a member reported; null if no member reported one. */
const furthest = (state: GroupState): number | null =>
  membersOf(state).reduce<number | null>((most, { member }) => {
    const position = member.view?.position ?? null;
    return position === null ? most : Math.max(most ?? -Infinity, position);
  }, null);

const lagging = (state: GroupState, { view }: MemberState): Unfit | null => {
  const most = furthest(state);
  if (most === null) return null;
  const position = view?.position ?? null;
  if (position === null) return unsuited("others report a position, and it reports none");
  const { maxLag } = state.config?.policy ?? { maxLag: 0 };
  return most - position > maxLag
    ? unsuited(`its position ${position} is ${most - position} behind, of ${maxLag} allowed`)
    : null;
};

/**
 * For how long the agent of a member may be silent. A strict lease is granted to a member that asks, and all ask several times in a lease.
 * A member that did not ask for a whole lease, such as the leader that let its lease run out, would only keep the others waiting.
 */
const silenceMs = ({ config }: GroupState): number => {
  const leaseMs = config?.policy.leaseMs ?? 0;
  return config?.policy.lease === "strict" ? leaseMs : Math.max(SILENT_MS, 2 * leaseMs);
};

/** If agents ask for the lease, no agent would promote a member whose own agent is silent. */
const unasked = (state: GroupState, { askedAt }: MemberState, at: number): Unfit | null => {
  const isAsked = membersOf(state).some(({ member }) => member.askedAt !== null);
  const silentMs = silenceMs(state);
  if (!isAsked || (askedAt !== null && at - askedAt <= silentMs)) return null;
  return {
    kind: "unasked",
    why: askedAt === null ? "its agent never asked for the lease" : "its agent has fallen silent",
  };
};

/** Why a member may not lead at `at`; null if it may. */
export const unfitness = (state: GroupState, member: MemberState, at: number): Unfit | null => {
  const { view, unheardAt } = member;
  if (!isRecent(view, at))
    return unheardAt !== null && at - unheardAt <= RECENT_MS
      ? { kind: "unknown", why: "its shard does not answer" }
      : { kind: "passing", why: "it was not asked for in the last seconds" };
  if (!isFresh(view, at) || view.verdict === "unknown")
    return { kind: "unknown", why: "nothing fresh is known of it" };
  if (!view.alive)
    return unsuited(
      view.verdict === "alive"
        ? "not all that count reach it, outside and inside its site"
        : `it is ${view.verdict}: ${view.because}`,
    );
  // The cause is an operator's override, or a policy on slow targets. A new leader that routing avoids would help no client.
  if (view.routing === "avoid") return unsuited("its routing says avoid");
  return unasked(state, member, at) ?? lagging(state, member);
};

/** Whether its shard gave this view within the last seconds. */
export const isRecent = (view: MemberView | null, at: number): view is MemberView =>
  view !== null && at - view.at <= RECENT_MS;

/** Whether the member is well enough to take the lead back: its view may be as old as a verdict may be. */
export const isWell = ({ view }: MemberState, at: number): boolean => isFresh(view, at) && view.alive;

export interface Candidate {
  name: string;
  unfit: Unfit | null;
}

/** The members that might lead, without those in `but`, best first: by priority, then position, then the order of the configuration. */
export const candidates = (state: GroupState, at: number, but: readonly (string | null)[]): Candidate[] =>
  membersOf(state)
    .filter(({ name }) => !but.includes(name))
    .toSorted(
      (a, b) =>
        a.config.priority - b.config.priority ||
        (b.member.view?.position ?? -Infinity) - (a.member.view?.position ?? -Infinity) ||
        a.place - b.place,
    )
    .map(({ name, member }) => ({ name, unfit: unfitness(state, member, at) }));
