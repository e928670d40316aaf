import { GroupRequestSchema, type GroupConfig, type MemberView } from "../../src/domain/group.ts";
import { decide } from "../../src/group/decide.ts";
import type { GroupEvent } from "../../src/group/group-event.ts";
import { type GroupState, newGroup } from "../../src/group/group-state.ts";

/** A group of `count` members, each in a site of its own, the first preferred. */
export const configOf = (mode: "pool" | "leader", count: number, policy: object = {}): GroupConfig => {
  const members = Array.from({ length: count }, (_, index) => ({
    site: `s${index}`,
    target: "db",
    address: `192.0.2.${index + 1}`,
    priority: index + 1,
  }));
  return GroupRequestSchema.parse({ mode, members, policy }) as GroupConfig;
};

export const nameAt = (index: number): string => `s${index}/db`;

/** A shard's view of a member: it is alive, unless `other` says otherwise. */
export const viewOf = (index: number, at: number, other: Partial<MemberView> = {}): MemberView => ({
  site: `s${index}`,
  target: "db",
  at,
  sequence: 1,
  verdict: "alive",
  confirmed: true,
  because: "all vantages got an answer",
  routing: "serve",
  regions: {},
  failover: false,
  alive: true,
  asOf: at,
  validUntil: at + 20_000,
  position: null,
  ...other,
});

/** The view of a member with a confirmed death. */
export const DEAD = {
  verdict: "node_dead",
  routing: "avoid",
  failover: true,
  alive: false,
} as const satisfies Partial<MemberView>;

/** The view of a member that no vantage reaches, where it is not known whether the member is dead. */
export const LOST = {
  ...DEAD,
  verdict: "unreachable",
  confirmed: false,
  failover: false,
} as const satisfies Partial<MemberView>;

/** A group to which a test makes one thing after another happen. */
export class Course {
  state: GroupState = newGroup("db", 0);
  /** All lines of the group's history. */
  readonly lines: ReturnType<typeof decide>["lines"] = [];

  constructor(config: GroupConfig) {
    this.happens(0, { kind: "configured", config, by: "ADMIN_TOKEN" });
  }

  happens(at: number, event: GroupEvent): ReturnType<typeof decide> {
    const decision = decide(this.state, event, at);
    this.state = decision.state;
    this.lines.push(...decision.lines);
    return decision;
  }

  sees(at: number, ...views: MemberView[]): void {
    this.happens(at, { kind: "views", views, unheard: [] });
  }

  asks(at: number, index: number, released: number | null = null): void {
    this.happens(at, { kind: "lease", member: nameAt(index), released });
  }
}
