import { toInstant } from "../domain/plain/instant.ts";
import type { Command } from "./commands.ts";

const MINUTE_MS = 60_000;

/** What a person may do about a target from the page. None of it lets anything fail over. */
export type ActKind = "hold" | "release" | "mute" | "unmute" | "rehearse";

export interface Act {
  /** What its button says. */
  button: string;
  /** What it does, in a sentence. */
  says: string;
  /** Whether a reason is asked for. */
  hasReason: boolean;
  /** For how long it holds unless something else is said; null where that is not asked. */
  minutes: number | null;
  /** At most so long. */
  minutesMax: number;
}

export const ACTS: Record<ActKind, Act> = {
  hold: {
    button: "Hold: no failover",
    says: "Automation is told to keep sending traffic there, and that no successor may take its place, until the time is over. It is judged as before.",
    hasReason: true,
    minutes: 15,
    minutesMax: 1_440,
  },
  release: {
    button: "Withdraw the operator’s word",
    says: "What the judge holds counts again at once, its advice to fail over included.",
    hasReason: false,
    minutes: null,
    minutesMax: 0,
  },
  mute: {
    button: "Mute",
    says: "Nobody is notified of it until the time is over. It is judged as before, and what automation is told does not change.",
    hasReason: true,
    minutes: 60,
    minutesMax: 10_080,
  },
  unmute: {
    button: "Unmute",
    says: "People are notified of it again at once.",
    hasReason: false,
    minutes: null,
    minutesMax: 0,
  },
  rehearse: {
    button: "Rehearse a crash",
    says: "For a time every vantage takes its connections for refused, and it ends by itself. The verdict and /up react; /failover, /avoid and webhooks advise nothing, since this is not live.",
    hasReason: false,
    minutes: 1,
    minutesMax: 60,
  },
};

/** What an act is about, and what was filled in. */
export interface Given {
  origin: string;
  site: string;
  target: string;
  /** Id of the mute over it; empty where there is none. */
  mute: string;
  reason: string;
  minutes: number;
  /** By the detector's clock, epoch milliseconds. */
  now: number;
}

/** Of a target's name so much is part of a mute's own, with the time, so that none takes the place of another. */
const NAMED_CHARACTERS = 40;

/** The call that does it. */
export const callOf = (
  kind: ActKind,
  { origin, site, target, mute, reason, minutes, now }: Given,
): Command => {
  const override = `/v1/sites/${site}/targets/${target}/override`;
  const durationMs = minutes * MINUTE_MS;
  switch (kind) {
    case "hold":
      return {
        origin,
        method: "PUT",
        path: override,
        body: { advice: { failover: false, routing: "serve" }, reason, ttlMs: durationMs },
      };
    case "release":
      return { origin, method: "DELETE", path: override };
    case "mute":
      return {
        origin,
        method: "PUT",
        path: `/v1/mutes/${target.slice(0, NAMED_CHARACTERS)}-${now.toString(36)}`,
        body: { site, target, until: toInstant(now + durationMs), reason },
      };
    case "unmute":
      return { origin, method: "DELETE", path: `/v1/mutes/${mute}` };
    case "rehearse":
      return {
        origin,
        method: "POST",
        path: "/v1/drills",
        body: { site, target, fault: "refuse", durationMs },
      };
  }
};

/** What lets a successor take over although the judge does not: to be typed by whoever has fenced the old one, and no button. */
export const forceOf = ({ origin, site }: Pick<Given, "origin" | "site">): Command => ({
  origin,
  method: "PUT",
  path: `/v1/sites/${site}/targets/$TARGET/override`,
  body: {
    advice: { failover: true, routing: "avoid" },
    reason: "fenced by hand: …",
    ttlMs: 15 * MINUTE_MS,
  },
});
