import type { Place } from "../../client/paths.ts";
import type { Greatest } from "../shared/files/greatest.ts";
import type { Inquiry } from "../shared/detector/inquiry.ts";
import { stopwatch } from "../shared/time/stopwatch.ts";
import { inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { answeredAt } from "../shared/time/verdict-time.ts";
import { closedBecause } from "./reason.ts";

/** The result of one look. `refused`: the detector refuses the token for good. */
export type GateLook = { kind: "open" | "closed" | "refused"; why: string };

/** How many times both questions are asked when a transition comes between the two answers. */
const TRIES = 3;

/** Makes the URL of a question unique. Not secret, hence without `node:crypto`, which takes milliseconds to load. */
export const nonce = (): string => `${Date.now()}-${process.pid}-${Math.random()}`;

/** Asks `/verdict`, then `/failover`, and notes the sequence. Opens only where both answers agree. */
export const look = async (inquiry: Inquiry, place: Place, memory: Greatest): Promise<GateLook> => {
  for (let left = TRIES; ; left--) {
    // The nonce keeps a cache from answering in the detector's place.
    const verdict = await inquiry.verdict(place, nonce());
    if (verdict.kind !== "ok") return closedBy(verdict);
    const elapsedMs = stopwatch();
    const failover = await inquiry.check("failover", place, { nonce: nonce() });
    if (failover.kind !== "ok") return closedBy(failover);
    const { sequence } = failover.value;
    if (sequence !== null && sequence !== verdict.value.sequence && left > 1) continue;
    const seen = memory.read();
    // A clock that is behind must not make an expired verdict valid again.
    const now = Math.max(answeredAt(verdict) + elapsedMs(), answeredAt(failover));
    const why = closedBecause({ place, verdict: verdict.value, failover: failover.value, now, seen });
    if (why === undefined || verdict.value.sequence > seen) memory.write(verdict.value.sequence);
    if (why !== undefined) return { kind: "closed", why };
    const { because, advice } = verdict.value;
    return {
      kind: "open",
      why: `${failover.value.line} since ${verdict.value.since}: ${advice.reason}; ${because}`,
    };
  }
};

export const closedBy = (called: Parameters<typeof inWords>[0]): GateLook => ({
  kind: isTokenRefused(called) ? "refused" : "closed",
  why: inWords(called),
});
