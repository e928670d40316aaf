/** Which transitions a webhook wants, and the messages that report them. */
import type { ShownMute } from "../domain/mute.ts";
import type { Transition } from "../domain/verdict.ts";
import type { TransitionData, Webhook, WebhookMessage } from "../domain/webhook.ts";

/** The drill that a transition rests on, and what an operator's override said of the advice meanwhile. */
export interface Rehearsal {
  id: string;
  live: boolean;
  spoken: { routing?: "serve" | "avoid" | undefined; failover?: boolean | undefined };
}

/** A transition to report. `advisedFailover`: whether failover was advised before it. */
export interface NotifiedTransition {
  site: string;
  transition: Transition;
  drill: Rehearsal | null;
  advisedFailover: boolean;
  /** It belongs to the fall of its whole site: see isOfFall of the aggregator. */
  isOfFall: boolean;
}

/** Whether a webhook sends at all. */
export const isActive = ({ disabled, gone }: Webhook): boolean => !disabled && gone === null;

export const wants = (
  webhook: Webhook,
  { site, transition, drill, advisedFailover }: NotifiedTransition,
): boolean => {
  if (!isActive(webhook) || webhook.sites?.includes(site) === false) return false;
  switch (webhook.events) {
    case "all":
      return true;
    case "verdict":
      return transition.from !== transition.to;
    case "failover":
      return unrehearsed(transition, drill).advice.failover !== advisedFailover;
  }
};

/** Whether a webhook wants a message about a group whose members stand in these sites. */
export const wantsGroup = (webhook: Webhook, sites: readonly string[], { type }: WebhookMessage): boolean => {
  const { groups = "none" } = webhook;
  if (!isActive(webhook) || groups === "none") return false;
  if (webhook.sites !== undefined && !sites.some((site) => webhook.sites?.includes(site) === true))
    return false;
  return groups === "all" || type === "group.changed";
};

/**
 * The transition as receivers that may act on it get it. Under a drill that is not live, nobody is to act on it, so the advice is the
 * operator's override or else to serve and not to fail over.
 */
export const unrehearsed = (transition: Transition, drill: Rehearsal | null): Transition => {
  if (drill === null || drill.live) return transition;
  const { advice } = transition;
  const { routing, failover } = drill.spoken;
  return {
    ...transition,
    advice: {
      routing: routing ?? "serve",
      regions: Object.fromEntries(Object.keys(advice.regions).map((region) => [region, routing ?? "serve"])),
      failover: failover ?? false,
      reason: `drill ${drill.id} is not live: nobody is to act on it`,
    },
  };
};

/** What a message says of a transition. `key`: `site/target`. */
export const transitionData = (
  key: string,
  transition: Transition,
  drill: Rehearsal | null,
  muted: ShownMute | null,
): TransitionData => {
  const [site = "", target = ""] = key.split("/");
  return { site, target, transition: unrehearsed(transition, drill), drill: drill?.id ?? null, muted };
};

export const transitionMessage = (data: TransitionData): WebhookMessage => ({
  type: "transition",
  timestamp: data.transition.at,
  data,
});

export const testMessage = (webhook: string, timestamp: string): WebhookMessage => ({
  type: "test",
  timestamp,
  data: { webhook },
});
