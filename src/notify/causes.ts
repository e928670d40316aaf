/**
 * What people are told: one word when a cause begins and one when it is over. A cause is a target in trouble, or a site where many
 * are. What is told follows from what is held now and what was told before, not from single changes, so that nothing depends on having
 * seen each: a mute that ends while its target is still down, a target that is removed, a webhook made amid a trouble.
 */
import { TARGETS_MAX } from "../domain/template.ts";
import type { Webhook } from "../domain/webhook.ts";
import { beginningNote, endNote } from "./cause-notes.ts";
import { type Cause, isOfSite, keyOf, type Scene, type Seen, severityOf } from "./cause.ts";
import { isActive } from "./message.ts";
import type { Note } from "./format/note.ts";

/** So many targets of one site that begin together are told as one: more messages at once nobody reads. */
const MANY = 5;
/** So many words about one judgement; what else began is told with the next. */
const WORDS_MAX = 50;

/** Whether a webhook tells people of causes, instead of programs of transitions. */
export const tellsCauses = ({ format = "standard" }: Pick<Webhook, "format">): boolean =>
  format !== "standard";

/** `unsure`: neither begins a cause nor ends one. */
type Health = "well" | "unsure" | "troubled";

const healthOf = (seen: Seen | null, { events }: Pick<Webhook, "events">): Health => {
  if (seen === null || seen.verdict === "alive") return "well";
  if (seen.verdict === "unknown" || seen.drill?.live === false) return "unsure";
  if (events === "failover") return seen.failover ? "troubled" : "well";
  return "troubled";
};

/** What is told of a cause by now. */
const markOf = (members: readonly [Seen, ...Seen[]], isSite: boolean): string =>
  isSite ? `failover ${members.filter(({ failover }) => failover).length}` : severityOf(members[0]);

const earliest = (members: readonly Seen[], at: string): string =>
  members.reduce((first, { since }) => (since < first ? since : first), at);

/** A cause with those who are in it now, the newly come among them. */
const withMembers = (cause: Cause, members: readonly Seen[], kept: readonly string[]): Cause => {
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
  cause: Cause,
  joining: readonly Seen[],
  scene: Scene,
  webhook: Webhook,
): { cause: Cause | null; note: Note | null } => {
  const still = cause.members.filter((key) => healthOf(scene.look(key), webhook) !== "well");
  const kept = [...new Set([...still, ...joining.map(keyOf)])];
  if (kept.length === 0) return { cause: null, note: endNote(cause, scene, webhook) };
  const [first, ...rest] = kept
    .flatMap((key) => scene.look(key) ?? [])
    .filter((seen) => healthOf(seen, webhook) === "troubled");
  // Nobody knows enough of any of them: it stands as it was told.
  if (first === undefined) return { cause: { ...cause, members: kept }, note: null };
  const members: [Seen, ...Seen[]] = [first, ...rest];
  const mark = markOf(members, isOfSite(cause));
  const isNews = mark !== cause.mark && webhook.events === "all" && members.some(({ muted }) => !muted);
  const next = { ...withMembers(cause, members, kept), mark: isNews ? mark : cause.mark };
  return { cause: next, note: isNews ? beginningNote(next, "continues", members, webhook, scene.at) : null };
};

const begun = (
  key: string,
  members: readonly [Seen, ...Seen[]],
  webhook: Webhook,
  at: string,
): { cause: Cause; note: Note } => {
  const isSite = !key.includes("/");
  const since = webhook.events === "failover" ? at : earliest(members, at);
  const empty: Cause = { key, since, members: [], listed: [], count: 0, mark: markOf(members, isSite) };
  const cause = withMembers(empty, members, members.map(keyOf));
  return { cause, note: beginningNote(cause, "begins", members, webhook, at) };
};

/** The causes that these begin, all of one site: one of the site where it fell or many began together, else each its own. */
const beginnings = ([first, ...rest]: readonly Seen[]): [key: string, members: [Seen, ...Seen[]]][] => {
  if (first === undefined) return [];
  const fresh: [Seen, ...Seen[]] = [first, ...rest];
  const fell = fresh.filter(({ isOfFall }) => isOfFall).length;
  if (fell > 1 || fresh.length >= MANY) return [[first.site, fresh]];
  return fresh.map((seen) => [keyOf(seen), [seen]]);
};

/** What a webhook is told now, and the causes it knows afterwards. `known`: those it was told of before. */
export const causesNow = (
  known: readonly Cause[],
  scene: Scene,
  webhook: Webhook,
): { causes: Cause[]; notes: Note[] } => {
  if (!isActive(webhook)) return { causes: [...known], notes: [] };
  const notes: Note[] = [];
  const causes: Cause[] = [];
  const held = new Set(known.flatMap(({ members }) => members));
  const fresh = scene.troubled.filter(
    (seen) =>
      webhook.sites?.includes(seen.site) !== false &&
      !seen.muted &&
      !held.has(keyOf(seen)) &&
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
  for (const [key, members] of [...bySite.values()].flatMap(beginnings)) {
    if (notes.length >= WORDS_MAX) break;
    const { cause, note } = begun(key, members, webhook, scene.at);
    causes.push(cause);
    notes.push(note);
  }
  return { causes, notes };
};
