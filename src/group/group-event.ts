/** What can happen to a group. */
import type { GroupConfig, MemberView } from "../domain/group.ts";

export type GroupEvent =
  /** Views of members from their shards, in the order of arrival; `unheard`: members whose shard was asked and did not answer. */
  | { kind: "views"; views: MemberView[]; unheard: string[] }
  /** A member asks for the lease; `released`: it has stopped leading in this epoch. */
  | { kind: "lease"; member: string; released: number | null }
  /** The lease, as of this renewal, has surely run out, by a clock that cannot be set. */
  | { kind: "lease-over"; renewal: number }
  | { kind: "configured"; config: GroupConfig; by: string }
  | { kind: "deleted"; by: string }
  /** `to`: null for the best candidate. */
  | { kind: "switch"; to: string | null; reason: string; by: string }
  /** `until`: epoch milliseconds. */
  | { kind: "freeze"; reason: string; until: number; by: string }
  | { kind: "thaw"; by: string }
  /** State held only in memory is lost: the lease may have been renewed at the last instant. */
  | { kind: "restarted" }
  /** The clock was set back by this much. */
  | { kind: "set-back"; byMs: number }
  | { kind: "tick" };
