/** What a shard reports about group members to the group's conductor: when the conductor asks, and by itself when the targets change. */
import { type Bindings, type Config, conductorOf } from "../config.ts";
import { parseEndpoint } from "../domain/address.ts";
import type { MemberView } from "../domain/group.ts";
import { fromInstant } from "../domain/instant.ts";
import { keyOf } from "../domain/name.ts";
import { mayAvoid, mayFailOver } from "../domain/polarity.ts";
import { decodeReading, type Reading } from "../domain/reading.ts";
import type { MemberViews } from "../domain/rpc.ts";
import type { VerdictAnswer } from "../domain/verdict.ts";
import type { Vantage } from "../domain/vantage.ts";
import { TUNING } from "../verdict/tuning.ts";
import type { Shard } from "./shard.ts";

const instantOf = (text: string | null): number | null => (text === null ? null : fromInstant(text));

/** The routing on which `/avoid` would act; null where nothing may be changed on the answer. */
const routingOf = (answer: VerdictAnswer, reading: Pick<Reading, "rehearsal">): MemberView["routing"] => {
  const { verdict, override, paused, stale, advice } = answer;
  if (advice.routing === "avoid" && mayAvoid(answer, reading)) return "avoid";
  // A verdict that holds because nothing newer is known is no reason for a change.
  const isKnown = override?.advice?.routing !== undefined || (!stale && !paused && verdict !== "unknown");
  return isKnown && !reading.rehearsal && advice.routing === "serve" ? "serve" : null;
};

/**
 * Whether a quorum of the vantages outside the site reaches the target, as for a verdict, and every vantage inside the site that has a view
 * reaches it too.
 */
const isAliveToAll = (answer: VerdictAnswer, site: string, roster: readonly Vantage[]): boolean => {
  const { verdict, stale, paused, drill, reachableFrom, unreachableFrom } = answer;
  if (verdict !== "alive" || stale || paused || drill !== null) return false;
  const isInside = (id: string): boolean =>
    roster.some((vantage) => vantage.id === id && (vantage.site ?? null) === site);
  const outside = (ids: string[]): number => ids.filter((id) => !isInside(id)).length;
  const [reached, missed] = [outside(reachableFrom), outside(unreachableFrom)];
  // Where fewer vantages look than make a quorum, all of them must reach the target.
  const needed = Math.min(TUNING.quorum, reached + missed);
  return reached > 0 && reached >= needed && reached > missed && !unreachableFrom.some(isInside);
};

/** The view of one target at `now`; null where there is no such target. */
const viewOf = (shard: Shard, site: string, target: string, now: number): MemberView | null => {
  const text = shard.read(keyOf(site, target));
  if (text === null) return null;
  const reading = decodeReading(text);
  const answer = JSON.parse(reading.json) as VerdictAnswer;
  return {
    site,
    target,
    at: now,
    sequence: answer.sequence,
    verdict: answer.verdict,
    confirmed: answer.confirmed,
    because: answer.because,
    routing: routingOf(answer, reading),
    regions: answer.advice.regions,
    failover: mayFailOver(answer, reading),
    alive: isAliveToAll(answer, site, shard.roster),
    asOf: instantOf(answer.asOf),
    validUntil: instantOf(answer.validUntil),
    position: shard.said.position(keyOf(site, target)),
  };
};

const partsOf = (key: string): [site: string, target: string] => {
  const [site = "", target = ""] = key.split("/");
  return [site, target];
};

const viewsOf = (shard: Shard, keys: Iterable<string>): MemberView[] => {
  const now = shard.now();
  return [...keys].flatMap((key) => viewOf(shard, ...partsOf(key), now) ?? []);
};

/** The answer to a conductor that asks. From now on the shard reports these targets to the conductor, and no others. */
export const memberViews = (shard: Shard, group: string, keys: string[]): MemberViews => {
  shard.followers.set(group, keys);
  const known = keys.filter((key) => shard.catalogue.target(...partsOf(key)) !== null);
  const hosts = known.map((key): [string, string] => {
    const endpoint = parseEndpoint(shard.catalogue.target(...partsOf(key))?.config.url ?? "");
    return [key, typeof endpoint === "string" ? "" : endpoint.host];
  });
  return {
    views: viewsOf(shard, known),
    hosts: Object.fromEntries(hosts),
    absent: keys.filter((key) => !known.includes(key)),
  };
};

/** Which groups follow which targets. */
export class Followers {
  readonly #sql: SqlStorage;
  readonly #conductor: (group: string) => { views(group: string, views: MemberView[]): Promise<void> };
  readonly #groups = new Map<string, Set<string>>();

  constructor(sql: SqlStorage, env: Bindings, config: Config) {
    this.#sql = sql;
    this.#conductor = (group) => conductorOf(env, config, group);
    for (const { grouped, key } of sql.exec<{ grouped: string; key: string }>("SELECT * FROM followers"))
      this.#groups.set(grouped, (this.#groups.get(grouped) ?? new Set()).add(key));
  }

  /** Sets which targets of this shard are members of a group. Writes only what differs from before. */
  set(group: string, keys: readonly string[]): void {
    const known = this.#groups.get(group) ?? new Set();
    const wanted = new Set(keys);
    for (const key of [...known].filter((one) => !wanted.has(one)))
      this.#sql.exec("DELETE FROM followers WHERE grouped = ? AND key = ?", group, key);
    for (const key of [...wanted].filter((one) => !known.has(one)))
      this.#sql.exec("INSERT INTO followers VALUES (?, ?) ON CONFLICT DO NOTHING", group, key);
    if (wanted.size > 0) this.#groups.set(group, wanted);
    else this.#groups.delete(group);
  }

  /** Sends the groups of these targets the present views. A conductor that is not reached asks by itself when its knowledge expires. */
  async tell(shard: Shard, changed: readonly string[]): Promise<void> {
    const told = [...this.#groups].flatMap(([group, members]) => {
      const own = new Set(changed.filter((key) => members.has(key)));
      if (own.size === 0) return [];
      const views = viewsOf(shard, own);
      const tell = (): Promise<void> => this.#conductor(group).views(group, views);
      return [tell().catch(tell)];
    });
    for (const one of await Promise.allSettled(told))
      if (one.status === "rejected")
        console.warn(JSON.stringify({ event: "group not told", error: String(one.reason) }));
  }
}
