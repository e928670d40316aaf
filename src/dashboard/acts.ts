import { toInstant } from "../domain/plain/rfc3339.ts";
import type { ShownCommand } from "./commands.ts";

const MINUTE_MS = 60_000;

/** What a person may do about a target or a group from the page. No act lets a successor take the place of a node that may still serve. */
export type ActKind = "hold" | "release" | "mute" | "unmute" | "rehearse" | "freeze" | "thaw" | "switch";

export interface Act {
  /** The text of its button. */
  button: string;
  /** What the act does, in a sentence. */
  says: string;
  /** Whether the dialog asks for a reason. */
  hasReason: boolean;
  /** How long the act holds unless the person gives another duration; null where no duration is asked for. */
  minutes: number | null;
  /** The longest duration, in minutes. */
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
  freeze: {
    button: "Freeze",
    says: "Nothing changes who serves or leads in the group until the time is over, whatever becomes of its members.",
    hasReason: true,
    minutes: 60,
    minutesMax: 10_080,
  },
  thaw: {
    button: "Thaw",
    says: "The group may change again at once, and does where a change is due.",
    hasReason: false,
    minutes: null,
    minutesMax: 0,
  },
  switch: {
    button: "Switch",
    says: "The leader is asked to stop, and another member leads once it has: the best one, unless one is named. All brakes hold.",
    hasReason: true,
    minutes: null,
    minutesMax: 0,
  },
};

/** What an act is about. Fields that do not concern it are empty. */
export interface About {
  site: string;
  target: string;
  /** Id of the mute over it. */
  mute: string;
  group: string;
  /** The member that is to lead; empty: the best one. */
  to: string;
}

export const NO_ACT: About = { site: "", target: "", mute: "", group: "", to: "" };

/** What an act is about, and what the person filled in. */
export interface Given extends About {
  origin: string;
  reason: string;
  minutes: number;
  /** By the detector's clock, epoch milliseconds. */
  now: number;
}

/** So many characters of a target's name are part of its mute's name, with the time, so that no mute replaces another. */
const NAMED_CHARACTERS = 40;

/** The call that performs an act. */
export const callOf = (
  kind: ActKind,
  { origin, site, target, mute, group, to, reason, minutes, now }: Given,
): ShownCommand => {
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
    case "freeze":
      return {
        origin,
        method: "POST",
        path: `/v1/groups/${group}/freeze`,
        body: { reason, ttlMs: durationMs },
      };
    case "thaw":
      return { origin, method: "DELETE", path: `/v1/groups/${group}/freeze` };
    case "switch":
      return {
        origin,
        method: "POST",
        path: `/v1/groups/${group}/switch`,
        body: { ...(to === "" ? {} : { to }), reason },
      };
  }
};

/**
 * The call that lets a successor take over although the judge does not. It has no button: the person who has fenced the old node types it.
 */
export const forceOf = ({ origin, site }: Pick<Given, "origin" | "site">): ShownCommand => ({
  origin,
  method: "PUT",
  path: `/v1/sites/${site}/targets/$TARGET/override`,
  body: {
    advice: { failover: true, routing: "avoid" },
    reason: "fenced by hand: …",
    ttlMs: 15 * MINUTE_MS,
  },
});
