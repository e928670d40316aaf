/**
 * What a group remembers. Plain values only: the state is kept as JSON, and deciding never changes it in place, so a failed write
 * leaves the old state whole. All instants are epoch milliseconds; members are named `site/target`.
 */
import type { GroupConfig, MemberConfig, MemberView } from "../domain/group.ts";
import { keyOf } from "../domain/plain/names.ts";

export interface MemberState {
  /** Its shard's last view; null before the first. */
  view: MemberView | null;
  /** When its shard was asked and did not answer; null once the shard answers. */
  unheardAt: number | null;
  /** Since when its routing has said avoid; null once it says serve. */
  fellAt: number | null;
  /** Since when its routing has said serve, after it had said avoid; null before that. */
  servesSince: number | null;
  /** Since when it has been fit to lead without a break; null while it is not. */
  fitSince: number | null;
  /** In a pool: since when it is out; null while it is in. */
  outSince: number | null;
  /** When it asked for the lease last; null before that. */
  askedAt: number | null;
}

/** The leader's lease. It ends by the conductor's timer, which sends the event `lease-over`, and never by `until` alone. */
export interface Lease {
  until: number;
  /** The longest that its holder may go on after sending a request: the longest lease that any answer has named since the grant. */
  leaseMs: number;
  /** Counts grants and renewals: an event from the timer of an earlier one is ignored. */
  renewal: number;
  /** It has surely run out. */
  isOver: boolean;
  /** Its holder has said that it stopped leading. */
  isReleased: boolean;
  /** Every answer to its holder said that it must stop when it cannot renew. Only then may another member lead because the lease ended. */
  isStrict: boolean;
}

/** A planned change under way: the old leader has to stop first. */
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
  /** Null if the group was never made, or is deleted. If it is made anew, its epoch goes on from where it stood. */
  config: GroupConfig | null;
  /** Rises with each PUT that changes something, over all lives of the group. */
  revision: number;
  createdAt: number;
  updatedAt: number;
  epoch: number;
  /** When the serving members or the leader last changed, and why. */
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
  /** When the leader changed, oldest first: the changes within the last hour, and the newest of all. */
  switches: readonly number[];
  /** The withheld change that the history already notes; null for none. */
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

/** The members as configured, each with its name and remembered state, in the order of the configuration. */
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

/** Whether a member's view still holds. */
export const isFresh = (view: MemberView | null, at: number): view is MemberView =>
  view !== null && view.validUntil !== null && at <= view.validUntil;
