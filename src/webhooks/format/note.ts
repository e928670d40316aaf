/** Notes for people, in a form that belongs to no service yet. */
import type { GroupChange } from "../../domain/group.ts";
import type { TransitionData, WebhookMessage } from "../../domain/webhook.ts";
import { clean, cutText } from "./text.ts";

/** How urgent a note is for people, in the words of PagerDuty's common event format (https://support.pagerduty.com/docs/pd-cef). */
export type Severity = "critical" | "error" | "warning" | "info";

/** One message about a cause, a group or a test. */
export interface Note {
  type: "note";
  kind: "cause" | "group" | "test";
  /** `told`: a note about something that cannot be over. */
  state: "begins" | "continues" | "over" | "told";
  /** What the note is about: `fra`, `fra/db-1`; for a group its name, for a test the webhook's id. */
  about: string;
  title: string;
  sentence: string;
  severity: Severity;
  site: string | null;
  target: string | null;
  verdict: string | null;
  /** Instants as they leave Parallax. */
  at: string;
  since: string | null;
  /** The advice that automation gets; empty where this note comes with none. */
  automation: string;
  failover: boolean;
  /** For a cause that is a whole site: the names of its targets, as far as they are listed, and how many they are in all. */
  targets: string[];
  count: number;
  drill: string | null;
}

/** The longest that a name may be. */
const NAME_MAX = 63;

/** The note with every text cleaned and every name cut to the length of a name, so that a name with nothing left in it counts as absent. */
export const cleaned = (note: Note): Note => {
  const { about, title, sentence, site, target, automation, targets, drill } = note;
  const orNull = (text: string | null): string | null =>
    text === null ? null : cutText(text, NAME_MAX) || null;
  return {
    ...note,
    about: cutText(about, 2 * NAME_MAX + 1),
    title: clean(title),
    sentence: clean(sentence),
    site: orNull(site),
    target: orNull(target),
    automation: clean(automation),
    targets: targets.map((name) => cutText(name, NAME_MAX)).filter((name) => name !== ""),
    drill: orNull(drill),
  };
};

export const automationSentence = (routing: string, failover: boolean): string =>
  `${routing === "avoid" ? "Keep traffic away" : "Send traffic"}; ${failover ? "fail over" : "do not fail over"}`;

const NOTHING = { site: null, target: null, verdict: null, since: null, targets: [], count: 0, drill: null };

const testNote = (webhook: string, at: string): Note => ({
  ...NOTHING,
  type: "note",
  kind: "test",
  state: "told",
  about: webhook,
  title: `Test of the webhook ${webhook}`,
  sentence: "Somebody asked Parallax for this message. Nothing is wrong.",
  severity: "info",
  at,
  automation: "",
  failover: false,
});

const listed = (members: readonly string[]): string => (members.length === 0 ? "nobody" : members.join(", "));

const groupNote = (group: string, mode: string, change: GroupChange): Note => {
  const { from, to, because, heldBy, at } = change;
  const does = mode === "leader" ? "leads" : "serves";
  const isChanged = change.kind === "changed";
  const held = heldBy.map(({ detail }) => detail).join("; ");
  return {
    ...NOTHING,
    type: "note",
    kind: "group",
    state: "told",
    about: group,
    title: isChanged
      ? `Group ${group}: ${listed(to)} ${does} (epoch ${change.epoch})`
      : `Group ${group} would change and does not`,
    sentence: isChanged ? because : [because, held].filter((text) => text !== "").join(" – held by: "),
    severity: isChanged ? "info" : "warning",
    at,
    automation: isChanged ? `${listed(to)} ${does}, instead of ${listed(from)}` : "Nothing changes",
    failover: false,
    targets: to,
    count: to.length,
  };
};

/** The note for a transition that waited when the webhook took another format. */
const transitionNote = ({ site, target, transition, drill }: TransitionData): Note => {
  const { to, because, at, advice } = transition;
  return {
    ...NOTHING,
    type: "note",
    kind: "cause",
    state: to === "alive" ? "over" : "continues",
    about: `${site}/${target}`,
    title: `${site}/${target}: ${to}`,
    sentence: because,
    severity: "warning",
    site,
    target,
    verdict: to,
    at,
    since: at,
    automation: automationSentence(advice.routing, advice.failover),
    failover: advice.failover,
    drill,
  };
};

/** The note that a message makes. */
export const noteOf = (message: WebhookMessage | Note): Note => {
  switch (message.type) {
    case "note":
      return message;
    case "test":
      return testNote(message.data.webhook, message.timestamp);
    case "transition":
      return transitionNote(message.data);
    case "group.changed":
    case "group.withheld":
      return groupNote(message.data.group, message.data.mode, message.data.change);
    case "site": {
      const { site, targets, more, drill } = message.data;
      const names = targets.map(({ target }) => target);
      const isOver = targets.every(({ to }) => to === "alive");
      return {
        ...NOTHING,
        type: "note",
        kind: "cause",
        state: isOver ? "over" : "continues",
        about: site,
        title: `${site}: ${names.length + more} targets are ${isOver ? "well again" : "in trouble"}`,
        sentence: targets[0]?.because ?? "",
        severity: "critical",
        site,
        at: message.timestamp,
        since: message.timestamp,
        automation: "",
        failover: targets.some(({ advice }) => advice.failover),
        targets: names,
        count: names.length + more,
        drill,
      };
    }
  }
};
