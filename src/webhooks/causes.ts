/**
 * What people are told: one word when a cause begins and one when it is over. A cause is a target in trouble, or a site where many
 * are. What is told follows from what is held now and what was told before, not from single changes, so that nothing depends on having
 * seen each: a mute that ends while its target is still down, a target that is removed, a webhook made amid a trouble.
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

/** The so-manieth target of one site that is in trouble at a time is told as the site's, with all that follow: more messages nobody reads. */
const MANY = 5;
/**
 * For so long a target is in trouble before that is told as its own: what one cause brings down is judged within moments of each other
 * (0.4 s for six processes killed at once), and would be a message each. A site that fell does not wait.
 */
const GATHER_MS = 5_000;
/** So many words about one judgement; what else began is told with the next. */
const WORDS_MAX = 50;

/** Whether a webhook tells people of causes, instead of programs of transitions. */
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

/** A cause with those who are in it now, the newly come among them. */
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

/** What becomes of a cause that was told: what there is to say, and the cause as it stands, or null where it is over. */
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
  // Nobody knows enough of any of them: it stands as it was told.
  if (first === undefined) return { cause: { ...cause, members: kept }, note: null };
  const members: [SeenTarget, ...SeenTarget[]] = [first, ...rest];
  const level = levelOf(members, isOfSite(cause));
  const isNews = level > cause.level && webhook.events === "all" && members.some(({ muted }) => !muted);
  const next = { ...withMembers(cause, members, kept), level: isNews ? level : cause.level };
  return { cause: next, note: isNews ? beginningNote(next, "continues", members, webhook, scene.at) : null };
};

/** What begins: a cause with those in it, and how many of its site are in trouble by themselves. */
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

/** What these begin, all of one site: one cause of the site where it fell or where many are in trouble, else each its own, in a while. */
const startsIn = ([first, ...rest]: readonly SeenTarget[], besides: number): Start[] => {
  if (first === undefined) return [];
  const fresh: [SeenTarget, ...SeenTarget[]] = [first, ...rest];
  if (fresh.some(({ isOfFall }) => isOfFall) || fresh.length + besides >= MANY)
    return [{ key: first.site, members: fresh, besides }];
  return fresh
    .filter(({ ageMs }) => ageMs >= GATHER_MS)
    .map((seen) => ({ key: causeKey(seen), members: [seen], besides: 0 }));
};

/** What a webhook is told now, and the causes it knows afterwards; and in how long there may be more to tell, Infinity for never. */
export interface ToldNow {
  causes: NotifiedCause[];
  notes: Note[];
  waitMs: number;
}

/** `known`: the causes that the webhook was told of before. */
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
