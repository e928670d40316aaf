/** What can happen to a group. */
import type { GroupConfig, MemberView } from "../domain/group.ts";

export type GroupEvent =
  /** What shards said of members, in the order in which it came; `unheard`: members whose shard was asked and did not answer. */
  | { kind: "views"; views: MemberView[]; unheard: string[] }
  /** A member asks for the lease; `released`: it has stopped leading in this epoch. */
  | { kind: "lease"; member: string; released: number | null }
  /** The lease, as it was at this renewal, has surely run out: by a clock that nobody can set. */
  | { kind: "lease-over"; renewal: number }
  | { kind: "configured"; config: GroupConfig; by: string }
  | { kind: "deleted"; by: string }
  /** `to`: null for the best. */
  | { kind: "switch"; to: string | null; reason: string; by: string }
  /** `until`: epoch milliseconds. */
  | { kind: "freeze"; reason: string; until: number; by: string }
  | { kind: "thaw"; by: string }
  /** What was only remembered is lost: the lease may have been renewed at the last instant. */
  | { kind: "restarted" }
  /** The clock was set back by so much. */
  | { kind: "set-back"; byMs: number }
  | { kind: "tick" };
