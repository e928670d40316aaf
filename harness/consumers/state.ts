import type { Verdict } from "../../src/domain/verdict.ts";

/** The states of a primary, each in a site named after it. */
export const STATES = [
  "alive",
  "gray",
  "crashed",
  "hung",
  "partitioned",
  "dead",
  "unreachable",
  "paused",
] as const;
/** A state that concerns groups alone: the primary was killed, and then the standby, so that no member is left. */
export const LOST = "lost";
export const ALL_STATES = [...STATES, LOST] as const;
export type State = (typeof ALL_STATES)[number];

interface Truth {
  verdict: Verdict;
  confirmed?: true;
  /** How the state is brought about. */
  how: string;
  up: 200 | 503;
  avoid: 200 | 409;
  failover: 200 | 409;
}

const SERVE = { up: 200, avoid: 409, failover: 409 } as const;
const AVOID = { up: 503, avoid: 200, failover: 409 } as const;
const REPLACE = { up: 503, avoid: 200, failover: 200 } as const;

/** The verdict each state must have, and the three bits our API must give for it while it is fine. */
export const TRUTHS: Readonly<Record<State, Truth>> = {
  alive: { verdict: "alive", how: "it answers", ...SERVE },
  gray: { verdict: "gray", how: "every other answer is a 500", ...SERVE },
  crashed: { verdict: "process_crashed", confirmed: true, how: "kill -9", ...REPLACE },
  hung: { verdict: "process_hung", how: "SIGSTOP", ...AVOID },
  partitioned: { verdict: "partitioned", how: "live drill: silent to 2 of 7 vantages", ...SERVE },
  dead: {
    verdict: "node_dead",
    confirmed: true,
    how: "live drill: silent to all, its sibling answers, `outsideProof`",
    ...REPLACE,
  },
  unreachable: { verdict: "unreachable", how: "live drill: its site is silent to all", ...AVOID },
  paused: { verdict: "unknown", how: "paused while alive", ...SERVE },
  lost: {
    verdict: "process_crashed",
    confirmed: true,
    how: "kill -9, and of the standby after it",
    ...REPLACE,
  },
};
