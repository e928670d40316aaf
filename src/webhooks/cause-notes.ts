/** The notes about causes. */
import { TEXT_MAX } from "../domain/template.ts";
import type { Webhook } from "../domain/webhook.ts";
import { type NotifiedCause, isOfSite, causeKey, type Scene, type SeenTarget, severityOf } from "./cause.ts";
import { cutText } from "./format/text.ts";
import { automationSentence, type Note } from "./format/note.ts";

const plural = (count: number): string => (count === 1 ? "1 target" : `${count} targets`);

const siteTitle = (
  { key: site, besides }: NotifiedCause,
  members: readonly SeenTarget[],
  { events }: Webhook,
): string => {
  if (events === "failover") return `${site}: failover is advised for ${plural(members.length)}`;
  const advised = members.filter(({ failover }) => failover).length;
  const failover = advised === 0 ? "" : `, failover is advised for ${advised}`;
  return members.some(({ isOfFall }) => isOfFall)
    ? `${site}: the whole site fell, ${plural(members.length)}${failover}`
    : `${site}: ${plural(members.length)}${besides === 0 ? "" : " more"} in trouble${failover}`;
};

const targetTitle = (seen: SeenTarget, { events }: Webhook): string => {
  if (events === "failover") return `${causeKey(seen)}: failover is advised (${seen.verdict})`;
  const failover = seen.failover ? ", failover is advised" : "";
  return `${causeKey(seen)}: ${seen.verdict}${seen.confirmed ? ", confirmed" : ""}${failover}`;
};

const toldOfAll = (members: readonly SeenTarget[]): string => {
  const away = members.filter(({ routing }) => routing === "avoid").length;
  const advised = members.filter(({ failover }) => failover).length;
  return `Keep traffic away from ${away} of ${members.length}; fail over ${advised} of ${members.length}`;
};

/** The fields that notes about sites and notes about targets share. */
const sharedBy = (
  cause: NotifiedCause,
  state: "begins" | "continues",
  members: readonly SeenTarget[],
  at: string,
) => ({
  type: "note" as const,
  kind: "cause" as const,
  state,
  about: cause.key,
  sentence: cutText(members[0]?.because ?? "", TEXT_MAX),
  at,
  since: cause.since,
  failover: members.some(({ failover }) => failover),
});

/** The first member's drill where every member rests on a drill, otherwise null. */
const drillOf = (members: readonly SeenTarget[]): string | null =>
  members.every(({ drill }) => drill !== null) ? (members[0]?.drill?.id ?? null) : null;

const marked = (drill: string | null, title: string): string =>
  drill === null ? title : `Drill ${drill}: ${title}`;

/** The note that a cause begins or continues with these members. */
export const beginningNote = (
  cause: NotifiedCause,
  state: "begins" | "continues",
  members: readonly [SeenTarget, ...SeenTarget[]],
  webhook: Webhook,
  at: string,
): Note => {
  const [first] = members;
  const { site, target, verdict, routing, failover } = first;
  const drill = drillOf(members);
  const shared = { ...sharedBy(cause, state, members, at), site, verdict, drill };
  if (isOfSite(cause))
    return {
      ...shared,
      title: marked(drill, siteTitle(cause, members, webhook)),
      severity: "critical",
      target: null,
      automation: toldOfAll(members),
      targets: cause.listed,
      count: members.length,
    };
  return {
    ...shared,
    title: marked(drill, targetTitle(first, webhook)),
    severity: severityOf(first),
    target,
    automation: automationSentence(routing, failover),
    targets: [],
    count: 0,
  };
};

const overWord = (isThere: boolean, { events }: Webhook): string => {
  if (!isThere) return "not watched any more";
  return events === "failover" ? "failover is not advised any more" : "well again";
};

const NOBODY = { sentence: "", verdict: null, automation: "", failover: false };

/** The target's newest sentence, verdict and advice, for the note that its cause is over. */
const lastOf = ({ because, verdict, routing, failover }: SeenTarget) => ({
  sentence: cutText(because, TEXT_MAX),
  verdict,
  automation: automationSentence(routing, failover),
  failover,
});

/** The note that a cause is over. */
export const endNote = (cause: NotifiedCause, scene: Scene, webhook: Webhook): Note => {
  const { key, since, listed, count } = cause;
  const [site = "", target = null] = key.split("/");
  const seen = target === null ? null : scene.look(key);
  const shared = {
    ...(seen === null ? NOBODY : lastOf(seen)),
    type: "note" as const,
    kind: "cause" as const,
    state: "over" as const,
    about: key,
    severity: "info" as const,
    site,
    target,
    at: scene.at,
    since,
    drill: null,
  };
  return target === null
    ? {
        ...shared,
        title: `${site}: ${plural(count)}, ${overWord(true, webhook)}`,
        targets: listed,
        count,
      }
    : { ...shared, title: `${key}: ${overWord(seen !== null, webhook)}`, targets: [], count: 0 };
};
