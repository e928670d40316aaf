/** Bundles transitions into messages: the fall of a site and its end are one message each, not one message for each target. */
import type { SiteData, TransitionData, Webhook, WebhookMessage } from "../domain/webhook.ts";
import { MAX_LISTED } from "../domain/webhook.ts";
import { type NotifiedTransition, wants } from "./message.ts";

/** Whether a webhook bundles the messages of a site. A receiver of failover advice acts on single targets, so it gets single messages. */
const bundles = ({ bundle = "target", events }: Webhook): boolean =>
  bundle === "site" && events !== "failover";

/** Names the bundle of a transition: those of one judgement with the same site, direction (down or up) and drill make one message. */
const groupOf = ({ site, transition, drill }: NotifiedTransition): string =>
  [site, transition.to === "unreachable" ? "down" : "up", drill?.id ?? ""].join(" ");

/** The messages that a webhook gets about a judgement. Each is a list of the places of its transitions, mostly of one. */
export const bundlesFor = (
  webhook: Webhook,
  told: readonly NotifiedTransition[],
): [first: number, ...rest: number[]][] => {
  const messages = new Map<string, [number, ...number[]]>();
  for (const [index, one] of told.entries()) {
    if (!wants(webhook, one)) continue;
    const name = one.isOfFall && bundles(webhook) ? groupOf(one) : String(index);
    const known = messages.get(name);
    if (known === undefined) messages.set(name, [index]);
    else known.push(index);
  }
  return [...messages.values()];
};

const listed = ({ target, transition, muted }: TransitionData): SiteData["targets"][number] => {
  const { sequence, from, to, rule, confirmed, because, advice } = transition;
  const { routing, failover } = advice;
  return { target, sequence, from, to, rule, confirmed, because, advice: { routing, failover }, muted };
};

/** The message that reports these transitions, which share one site and one instant; null where there is none. */
export const siteMessage = (all: readonly TransitionData[]): WebhookMessage | null => {
  const [first] = all;
  if (first === undefined) return null;
  const { site, drill, transition } = first;
  const isMuted = all.every(({ muted }) => muted !== null);
  const data: SiteData = {
    site,
    scope: "site",
    targets: all.slice(0, MAX_LISTED).map(listed),
    more: Math.max(0, all.length - MAX_LISTED),
    drill,
    muted: isMuted ? first.muted : null,
  };
  return { type: "site", timestamp: transition.at, data };
};
