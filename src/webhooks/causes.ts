/**
 * What people are notified of: one message when a cause begins and one when it is over. A cause is a target in trouble, or a site where
 * many targets are. The messages follow from what holds now and from what was sent before, not from single changes. So nothing depends on
 * having seen each change: a mute that ends while its target is still down, a target that is removed, a webhook made amid a trouble.
 */
import { TARGETS_MAX } from "../domain/template.ts";
import type { Webhook } from "../domain/webhook.ts";
import { beginningNote, endNote } from "./cause-notes.ts";
import {
  type NotifiedCause,
  isOfSite,
  causeKey,
  rankOf,
  type Scene,
  type SeenTarget,
  severityOf,
} from "./cause.ts";
import { isActive } from "./message.ts";
import type { Note } from "./format/note.ts";

/**
 * With this many targets of one site in trouble at a time, new and later trouble there is one cause of the whole site: nobody reads more
 * messages.
 */
const MANY = 5;
/**
 * How long a target is in trouble before that is a cause of its own. Targets that one cause brings down are judged within moments of each
 * other (0.4 s for six processes killed at once), and would be a message each. A site that fell does not wait.
 */
const GATHER_MS = 5_000;
/** The most messages about one judgement. Other causes that began are reported with the next judgement. */
const WORDS_MAX = 50;

/** Whether a webhook notifies people of causes, instead of programs of transitions. */
export const tellsCauses = ({ format = "standard" }: Pick<Webhook, "format">): boolean =>
  format !== "standard";

/** `unsure`: neither begins a cause nor ends one. */
type Health = "well" | "unsure" | "troubled";

const healthOf = (seen: SeenTarget | null, { events }: Pick<Webhook, "events">): Health => {
  if (seen === null || seen.verdict === "alive") return "well";
  if (seen.verdict === "unknown" || seen.drill?.live === false) return "unsure";
  if (events === "failover") return seen.failover ? "troubled" : "well";
  return "troubled";
};

/** How grave a cause is. */
const levelOf = (members: readonly [SeenTarget, ...SeenTarget[]], isSite: boolean): number =>
  isSite ? members.filter(({ failover }) => failover).length : rankOf(severityOf(members[0]));

const earliest = (members: readonly SeenTarget[], at: string): string =>
  members.reduce((first, { since }) => (since < first ? since : first), at);

/** The cause with its present members, new ones included. */
const withMembers = (
  cause: NotifiedCause,
  members: readonly SeenTarget[],
  kept: readonly string[],
): NotifiedCause => {
  const names = members.map(({ target }) => target);
  const listed = [...new Set([...cause.listed, ...names])].slice(0, TARGETS_MAX);
  return {
    ...cause,
    members: [...kept],
    listed: isOfSite(cause) ? listed : [],
    count: Math.max(cause.count, kept.length),
  };
};

/** Follows up a cause that was reported before: the note to send, if any, and the cause as it is now, or null where it is over. */
const followed = (
  cause: NotifiedCause,
  joining: readonly SeenTarget[],
  scene: Scene,
  webhook: Webhook,
): { cause: NotifiedCause | null; note: Note | null } => {
  const still = cause.members.filter((key) => healthOf(scene.look(key), webhook) !== "well");
  const kept = [...new Set([...still, ...joining.map(causeKey)])];
  if (kept.length === 0) return { cause: null, note: endNote(cause, scene, webhook) };
  const [first, ...rest] = kept
    .flatMap((key) => scene.look(key) ?? [])
    .filter((seen) => healthOf(seen, webhook) === "troubled");
  // The state of every remaining member is unsure: the cause stays as it was reported.
  if (first === undefined) return { cause: { ...cause, members: kept }, note: null };
  const members: [SeenTarget, ...SeenTarget[]] = [first, ...rest];
  const level = levelOf(members, isOfSite(cause));
  const isNews = level > cause.level && webhook.events === "all" && members.some(({ muted }) => !muted);
  const next = { ...withMembers(cause, members, kept), level: isNews ? level : cause.level };
  return { cause: next, note: isNews ? beginningNote(next, "continues", members, webhook, scene.at) : null };
};

/** A cause that begins: its members, and how many targets of its site are in trouble as causes of their own. */
interface Start {
  key: string;
  members: [SeenTarget, ...SeenTarget[]];
  besides: number;
}

const begun = (
  { key, members, besides }: Start,
  webhook: Webhook,
  at: string,
): { cause: NotifiedCause; note: Note } => {
  const since = webhook.events === "failover" ? at : earliest(members, at);
  const level = levelOf(members, isOfSite({ key }));
  const empty: NotifiedCause = { key, since, members: [], listed: [], count: 0, besides, level };
  const cause = withMembers(empty, members, members.map(causeKey));
  return { cause, note: beginningNote(cause, "begins", members, webhook, at) };
};

/**
 * The causes that these targets of one site begin: one cause of the site where it fell or where many targets are in trouble, otherwise one
 * cause for each target that has been in trouble for long enough.
 */
const startsIn = ([first, ...rest]: readonly SeenTarget[], besides: number): Start[] => {
  if (first === undefined) return [];
  const fresh: [SeenTarget, ...SeenTarget[]] = [first, ...rest];
  if (fresh.some(({ isOfFall }) => isOfFall) || fresh.length + besides >= MANY)
    return [{ key: first.site, members: fresh, besides }];
  return fresh
    .filter(({ ageMs }) => ageMs >= GATHER_MS)
    .map((seen) => ({ key: causeKey(seen), members: [seen], besides: 0 }));
};

/**
 * The notes that a webhook sends now, the causes that it has reported then, and in how long there may be more to send, Infinity for never.
 */
export interface ToldNow {
  causes: NotifiedCause[];
  notes: Note[];
  waitMs: number;
}

/** `known`: the causes that the webhook reported before. */
export const causesNow = (known: readonly NotifiedCause[], scene: Scene, webhook: Webhook): ToldNow => {
  if (!isActive(webhook)) return { causes: [...known], notes: [], waitMs: Infinity };
  const notes: Note[] = [];
  const causes: NotifiedCause[] = [];
  const held = new Set(known.flatMap(({ members }) => members));
  const fresh = scene.troubled.filter(
    (seen) =>
      webhook.sites?.includes(seen.site) !== false &&
      !seen.muted &&
      !held.has(causeKey(seen)) &&
      healthOf(seen, webhook) === "troubled",
  );
  const bySite = Map.groupBy(fresh, ({ site }) => site);
  for (const cause of known) {
    const joining = isOfSite(cause) ? (bySite.get(cause.key) ?? []) : [];
    const { cause: next, note } = followed(cause, joining, scene, webhook);
    if (next !== null) bySite.delete(cause.key);
    if (next !== null) causes.push(next);
    if (note !== null) notes.push(note);
  }
  const alone = new Map(
    [...Map.groupBy(causes, ({ key }) => key.split("/", 1)[0] ?? "")].map(([site, own]) => [
      site,
      own.length,
    ]),
  );
  const starts = [...bySite].flatMap(([site, some]) => startsIn(some, alone.get(site) ?? 0));
  for (const start of starts) {
    if (notes.length >= WORDS_MAX) break;
    const { cause, note } = begun(start, webhook, scene.at);
    causes.push(cause);
    notes.push(note);
  }
  const begunNow = new Set(causes.flatMap(({ members }) => members));
  const waiting = fresh.filter((seen) => !begunNow.has(causeKey(seen)));
  const waitMs = Math.min(...waiting.map(({ ageMs }) => Math.max(0, GATHER_MS - ageMs)), Infinity);
  return { causes, notes, waitMs };
};
