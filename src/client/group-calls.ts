import {
  type FreezeRequest,
  type GroupAnswer,
  GroupAnswerSchema,
  type GroupBody,
  type GroupHistory,
  GroupHistorySchema,
  GroupsAnswerSchema,
  type LeaderAnswer,
  LeaderAnswerSchema,
  type LeaseAnswer,
  LeaseAnswerSchema,
  type LeaseRequest,
  type ListedGroup,
  type SwitchRequest,
} from "../domain/group.ts";
import { jsonIn } from "./bounded-body.ts";
import { type Called, mapped } from "./called.ts";
import type { Answer, Connection, Stop } from "./connection.ts";
import { part, type Place, queryOf } from "./paths.ts";
import { tolerant } from "./reader.ts";

/** A group with the tag that a later change may name. */
export interface TaggedGroup {
  group: GroupAnswer;
  /** For `ifMatch`; null where a proxy in between has removed it. */
  etag: string | null;
}

/** Whether a member serves. */
export interface Serving {
  serves: boolean;
  epoch: number;
  /** The whole line. */
  line: string;
}

/** The answer to a request for the lease. A refusal names the leader, null where there is none, and the reason. */
export type Leasing =
  | { leads: true; lease: LeaseAnswer }
  | { leads: false; leader: LeaderAnswer | null; detail: string };

interface Condition extends Stop {
  /** Only if the group still has this tag; else the call is refused with 412. */
  ifMatch?: string | undefined;
}

const groupPath = (group: string): string => `/v1/groups/${part(group)}`;

const tagged = (called: Called<GroupAnswer>): Called<TaggedGroup> =>
  mapped(called, (group) => ({
    group,
    etag: (called.kind === "ok" ? called.headers?.get("ETag") : null) ?? null,
  }));

const LEADER = tolerant(LeaderAnswerSchema);
const LEASE = tolerant(LeaseAnswerSchema);

/** The detector's own problem (RFC 9457); null for a 409 of a proxy in between. */
const problemIn = ({ text }: Answer): { detail: string; leader?: unknown } | null => {
  const { type, detail, leader } = Object(jsonIn(text)) as Record<string, unknown>;
  const isOurs = typeof type === "string" && type.startsWith("urn:parallax:problem:");
  return isOurs && typeof detail === "string" ? { detail, leader } : null;
};

/** Null for anything but the detector's answer to this request. */
const leasingIn = (answer: Answer): Leasing | null => {
  if (answer.status === 200) {
    const lease = LEASE.safeParse(jsonIn(answer.text));
    return lease.success ? { leads: true, lease: lease.data } : null;
  }
  const problem = answer.status === 409 ? problemIn(answer) : null;
  if (problem === null || problem.leader === undefined) return null;
  const leader = problem.leader === null ? null : LEADER.safeParse(problem.leader);
  if (leader === null) return { leads: false, leader, detail: problem.detail };
  return leader.success ? { leads: false, leader: leader.data, detail: problem.detail } : null;
};

/** `{ leader }`, where `leader` is null if the detector says that the group has none. */
const leaderIn = (answer: Answer): { leader: LeaderAnswer | null } | null => {
  if (answer.status === 409) return problemIn(answer) === null ? null : { leader: null };
  if (answer.status !== 200) return null;
  const leader = LEADER.safeParse(jsonIn(answer.text));
  return leader.success ? { leader: leader.data } : null;
};

const LINE = /^(serving|out) (\S+) group=(\S+) epoch=(\d{1,15})(?: .*)?\r?\n?$/;

const servingIn = (group: string, { site, target }: Place, { status, text }: Answer): Serving | null => {
  const [, word, name, said, epoch] = LINE.exec(text) ?? [];
  const serves = word === "serving";
  if (name !== `${site}/${target}` || said !== group || status !== (serves ? 200 : 503)) return null;
  return { serves, epoch: Number(epoch), line: text.trimEnd() };
};

/**
 * Targets of which some serve, or one leads. Reading needs a reader's token, changing an admin's, and asking for the lease the member's
 * notify token.
 */
export class GroupCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async list(ask: Stop = {}): Promise<Called<ListedGroup[]>> {
    const called = await this.#connection.json("/v1/groups", GroupsAnswerSchema, ask);
    return mapped(called, ({ groups }) => groups);
  }

  async get(group: string, ask: Stop = {}): Promise<Called<TaggedGroup>> {
    return tagged(await this.#connection.json(groupPath(group), GroupAnswerSchema, ask));
  }

  /** Creates or replaces. */
  async put(
    group: string,
    body: GroupBody,
    { ifMatch, ...ask }: Condition = {},
  ): Promise<Called<TaggedGroup>> {
    const headers = { "If-Match": ifMatch };
    const change = { ...ask, method: "PUT", body, headers } as const;
    return tagged(await this.#connection.json(groupPath(group), GroupAnswerSchema, change));
  }

  delete(group: string, { ifMatch, ...ask }: Condition = {}): Promise<Called<null>> {
    const headers = { "If-Match": ifMatch };
    return this.#connection.done(groupPath(group), { ...ask, method: "DELETE", headers });
  }

  /** The leader; null where there is none. */
  async leader(group: string, ask: Stop = {}): Promise<Called<LeaderAnswer | null>> {
    const called = await this.#connection.checked(`${groupPath(group)}/leader`, leaderIn, ask);
    return mapped(called, ({ leader }) => leader);
  }

  /** The addresses that serve, or the leader's; with `format: "weighted"` each is followed by its weight. */
  async addresses(
    group: string,
    { from, format, ...ask }: Stop & { from?: string | undefined; format?: "weighted" | undefined } = {},
  ): Promise<Called<string[]>> {
    const path = `${groupPath(group)}/addresses${queryOf({ from, format })}`;
    return mapped(await this.#connection.text(path, ask), (text) =>
      text.split(/\r?\n/).filter((line) => line !== ""),
    );
  }

  /** Whether a member serves. A no is a value too. */
  serving(
    group: string,
    place: Place,
    { from, ...ask }: Stop & { from?: string | undefined } = {},
  ): Promise<Called<Serving>> {
    const member = `members/${part(place.site)}/${part(place.target)}`;
    const path = `${groupPath(group)}/${member}/serving${queryOf({ from })}`;
    return this.#connection.checked(path, (answer) => servingIn(group, place, answer), ask);
  }

  /** Asks for the lease, or renews it. Count the lease from before this call. `site`, `target`: only with an admin's token. */
  lease(group: string, body: Omit<LeaseRequest, "released"> = {}, ask: Stop = {}): Promise<Called<Leasing>> {
    const path = `${groupPath(group)}/lease`;
    return this.#connection.checked(path, leasingIn, { ...ask, method: "POST", body });
  }

  /** The member has stopped leading in this epoch: another may lead. */
  release(
    group: string,
    body: Omit<LeaseRequest, "released"> & { released: number },
    ask: Stop = {},
  ): Promise<Called<null>> {
    return this.#connection.done(`${groupPath(group)}/lease`, { ...ask, method: "POST", body });
  }

  /** A planned change of the leader. */
  switch(group: string, body: SwitchRequest, ask: Stop = {}): Promise<Called<GroupAnswer>> {
    const path = `${groupPath(group)}/switch`;
    return this.#connection.json(path, GroupAnswerSchema, { ...ask, method: "POST", body });
  }

  /** Keeps the group unchanged for a while. */
  freeze(group: string, body: FreezeRequest, ask: Stop = {}): Promise<Called<GroupAnswer>> {
    const path = `${groupPath(group)}/freeze`;
    return this.#connection.json(path, GroupAnswerSchema, { ...ask, method: "POST", body });
  }

  thaw(group: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(`${groupPath(group)}/freeze`, { ...ask, method: "DELETE" });
  }

  /** The changes and those withheld, newest first; `cursor`: the `next` of the page before. */
  history(
    group: string,
    { cursor, limit, ...ask }: Stop & { cursor?: string; limit?: number } = {},
  ): Promise<Called<GroupHistory>> {
    const path = `${groupPath(group)}/history${queryOf({ cursor, limit })}`;
    return this.#connection.json(path, GroupHistorySchema, ask);
  }
}
