import type { GroupAnswer, LeaderAnswer } from "../../src/domain/group.ts";

export const AT = "2026-11-22T18:30:05.000Z";
export const LEADER: LeaderAnswer = {
  site: "fra",
  target: "db-1",
  address: "10.0.0.1",
  epoch: 3,
  until: AT,
};

/** A group as the detector answers it; `changes` replaces fields. */
export const groupNow = (changes: Partial<GroupAnswer> = {}): GroupAnswer => ({
  group: "db",
  mode: "leader",
  members: [],
  policy: {
    minServing: 1,
    maxOut: 0.5,
    holdDownMs: 60_000,
    failback: "never",
    failbackAfterMs: 600_000,
    maxSwitchesPerHour: 4,
    lease: "strict",
    leaseMs: 15_000,
    maxLag: 1_000,
  },
  serving: [],
  leader: LEADER,
  epoch: 3,
  since: AT,
  asOf: AT,
  validUntil: AT,
  because: "it asked, and nobody leads",
  heldBy: [],
  switchesLeft: 4,
  frozen: null,
  switching: null,
  warnings: [],
  createdAt: AT,
  updatedAt: AT,
  ...changes,
});

type Member = GroupAnswer["members"][number];

/** A member of the group that serves. */
export const memberNow = (changes: Partial<Member> = {}): Member => ({
  site: "fra",
  target: "db-1",
  address: "10.0.0.1",
  priority: 1,
  weight: 100,
  verdict: "alive",
  confirmed: true,
  sequence: 1,
  routing: "serve",
  asOf: AT,
  validUntil: AT,
  serves: true,
  leads: false,
  position: null,
  fit: true,
  unfitBecause: null,
  ...changes,
});
