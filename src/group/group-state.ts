/**
 * What a group remembers. Plain values only: the state is kept as JSON, and deciding never changes it in place, so a failed write
 * leaves the old state whole. All instants are epoch milliseconds; members are named `site/target`.
 */
import type { GroupConfig, MemberConfig, MemberView } from "../domain/group.ts";
import { keyOf } from "../domain/plain/names.ts";

export interface MemberState {
  /** What its shard said last; null before that. */
  view: MemberView | null;
  /** When its shard was asked and did not answer; null since it did. */
  unheardAt: number | null;
  /** Since when its routing says avoid; null while it says serve. */
  fellAt: number | null;
  /** Since when its routing says serve, after it had said avoid; null before that. */
  servesSince: number | null;
  /** Since when it might lead without a break; null while it might not. */
  fitSince: number | null;
  /** In a pool: since when it is out; null while it is in. */
  outSince: number | null;
  /** When it asked for the lease last; null before that. */
  askedAt: number | null;
}

/** The leader's. It ends by the timer of whoever keeps this state, told by the event `lease-over`, and never by `until` alone. */
export interface Lease {
  until: number;
  /** The longest that its holder may go on from the sending of a request: what it was told since the grant, at most. */
  leaseMs: number;
  /** Counts grants and renewals: the timer of an earlier one says nothing. */
  renewal: number;
  /** It has surely run out. */
  isOver: boolean;
  /** Its holder has said that it stopped. */
  isReleased: boolean;
  /** Its holder has heard nothing but that it must stop when it cannot renew: only then may another lead on the lease's end alone. */
  isStrict: boolean;
}

/** A planned change under way: the old leader is to stop first. */
export interface Switching {
  from: string | null;
  to: string;
  reason: string;
  by: string;
  since: number;
}

export interface Freeze {
  reason: string;
  until: number;
  by: string;
}

export interface GroupState {
  group: string;
  /** Null where the group was never made, or is deleted: its epoch goes on where it stood when it is made anew. */
  config: GroupConfig | null;
  /** Rises with each PUT that changes something, over all lives of the group. */
  revision: number;
  createdAt: number;
  updatedAt: number;
  epoch: number;
  /** When who serves or leads changed last, and why. */
  changedAt: number;
  because: string;
  members: Readonly<Record<string, MemberState>>;
  leader: string | null;
  /** The member that was granted the current epoch. */
  holder: string | null;
  lease: Lease | null;
  /** When a member asked for the lease for the first time; null before that. */
  openedAt: number | null;
  switching: Switching | null;
  frozen: Freeze | null;
  /** When the leader became another, within the last hour or as the newest of all, oldest first. */
  switches: readonly number[];
  /** What was withheld and is noted already; null for nothing. */
  withheld: string | null;
  /** Lines of the history so far. */
  lines: number;
  /** When the last event was. */
  at: number;
}

export const newMember = (): MemberState => ({
  view: null,
  unheardAt: null,
  fellAt: null,
  servesSince: null,
  fitSince: null,
  outSince: null,
  askedAt: null,
});

export const newGroup = (group: string, now: number): GroupState => ({
  group,
  config: null,
  revision: 0,
  createdAt: now,
  updatedAt: now,
  epoch: 0,
  changedAt: now,
  because: "the group was made",
  members: {},
  leader: null,
  holder: null,
  lease: null,
  openedAt: null,
  switching: null,
  frozen: null,
  switches: [],
  withheld: null,
  lines: 0,
  at: now,
});

/** The name of a member. */
export const memberName = ({ site, target }: Pick<MemberConfig, "site" | "target">): string =>
  keyOf(site, target);

/** The members as configured, each with its name and what is remembered of it, in the order of the configuration. */
export const membersOf = (
  state: GroupState,
): { name: string; config: MemberConfig; member: MemberState; place: number }[] =>
  (state.config?.members ?? []).map((config, place) => {
    const name = memberName(config);
    return { name, config, member: state.members[name] ?? newMember(), place };
  });

/** The state with one member changed. */
export const withMember = (state: GroupState, name: string, change: Partial<MemberState>): GroupState => ({
  ...state,
  members: { ...state.members, [name]: { ...(state.members[name] ?? newMember()), ...change } },
});

/** Whether what a member's shard said still holds. */
export const isFresh = (view: MemberView | null, at: number): view is MemberView =>
  view !== null && view.validUntil !== null && at <= view.validUntil;
