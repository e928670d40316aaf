/**
 * Events for PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview. A cause is an alert, and an event with
 * the same `dedup_key` ends it. A change of a group is a change event, which wakes nobody:
 * https://developer.pagerduty.com/docs/send-change-event.
 */
import type { Note } from "./note.ts";
import { causeId, pageLink, type Format, type Hook, type Rendered } from "./hook.ts";
import { cutText } from "./text.ts";

const SUMMARY_MAX = 1_024;
const SOURCE = "parallax";

/** The URL for change events, made from the URL for alerts. */
const changesOf = (url: string): string => url.replace(/\/enqueue$/, "/change/enqueue");

const summaryOf = ({ title, sentence }: Note): string =>
  cutText(sentence === "" ? title : `${title}. ${sentence}`, SUMMARY_MAX);

const detailsOf = ({ sentence, since, automation, targets, count, drill }: Note): object => ({
  ...(sentence === "" ? {} : { sentence: sentence }),
  ...(since === null ? {} : { since }),
  ...(automation === "" ? {} : { automation: automation }),
  ...(count === 0 ? {} : { targets: targets, count }),
  ...(drill === null ? {} : { drill }),
});

const linksOf = (note: Note, hook: Hook) => [
  { href: pageLink(note, hook), text: "The page at that instant" },
];

const changeOf = (note: Note, hook: Hook): object => ({
  routing_key: hook.routingKey,
  payload: {
    summary: summaryOf(note),
    source: SOURCE,
    timestamp: note.at,
    custom_details: detailsOf(note),
  },
  links: linksOf(note, hook),
});

const triggerOf = (note: Note, hook: Hook): object => {
  const { about, severity, at, site, target, verdict } = note;
  return {
    payload: {
      summary: summaryOf(note),
      source: about,
      severity,
      timestamp: at,
      ...(target === null ? {} : { component: target }),
      ...(site === null ? {} : { group: site }),
      ...(verdict === null ? {} : { class: verdict }),
      custom_details: detailsOf(note),
    },
    client: "Parallax",
    client_url: pageLink(note, hook),
    links: linksOf(note, hook),
  };
};

const render = (note: Note, hook: Hook): Rendered => {
  if (note.kind === "group") return { url: changesOf(hook.url), body: JSON.stringify(changeOf(note, hook)) };
  const isOver = note.state === "over";
  const event = {
    routing_key: hook.routingKey,
    event_action: isOver ? "resolve" : "trigger",
    dedup_key: causeId(note, hook),
    ...(isOver ? {} : triggerOf(note, hook)),
  };
  return { url: hook.url, body: JSON.stringify(event) };
};

export const pagerduty: Format = { render, isSigned: false, isFinal: true };
