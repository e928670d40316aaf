import { DurableObject } from "cloudflare:workers";
import { aggregatorOf, type Bindings } from "../config.ts";
import type { Asked } from "../domain/audit.ts";
import { isMatched } from "../domain/etag.ts";
import type {
  FreezeRequest,
  GroupAnswer,
  GroupConfig,
  GroupHistory,
  GroupRequest,
  MemberView,
  SwitchRequest,
} from "../domain/group.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { ConductorRpc, LeaseReply, StoredGroup } from "../domain/rpc.ts";
import { isSame } from "../domain/same.ts";
import { groupAnswer, leaderAnswer, leaseAnswer } from "../group/group-answer.ts";
import { type GroupState, memberName } from "../group/group-state.ts";
import { endIfStill, Suspicion } from "../still.ts";
import { Countdown } from "./countdown.ts";
import { type Counting, Group } from "./running-group.ts";
import { enlist, inTime } from "./pull.ts";

const noGroup = (group: string) => refused("not-found", `there is no group "${group}"`, "group");
const staleMatch = refused("precondition", "the group is not as If-Match says: read it again", "If-Match");

const etagOf = ({ revision }: GroupState): string => `"${revision}"`;

/** Why a member that asked does not lead. */
const refusalOf = (state: GroupState, member: string): string => {
  const { leader, switching, epoch, frozen } = state;
  if (switching?.from === member)
    return `${member} is to stop: ${switching.to} takes its place, ${switching.reason}; say {"released": ${epoch}} once it has stopped`;
  if (leader !== null) return `${leader} leads, with epoch ${epoch}`;
  const [brake] = groupAnswer(state)?.heldBy ?? [];
  if (frozen !== null || brake === undefined) return `nobody leads: ${brake?.detail ?? state.because}`;
  return `nobody leads: ${brake.what}, ${brake.detail}`;
};

/** The Durable Object of one group, as the API and the shards of its members call it. Wiring only. */
export class Conductor extends DurableObject<Bindings> implements ConductorRpc {
  /** How objects made from now on count leases; tests end them when they like. */
  static counting: Counting = (_ctx, leaseMs, end) => new Countdown(leaseMs, end);

  readonly #group: Group;
  readonly #suspicion = new Suspicion();

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.#group = new Group(ctx, env, new.target.counting);
  }

  override async alarm(): Promise<void> {
    await this.#group.wake();
  }

  async put(
    group: string,
    request: GroupRequest,
    ifMatch: string | null,
    asked: Asked,
  ): Promise<Result<StoredGroup & { created: boolean }>> {
    await this.#enter(group);
    return this.#changed(() => this.#put(request, ifMatch, asked));
  }

  async #put(
    request: GroupRequest,
    ifMatch: string | null,
    asked: Asked,
  ): Promise<Result<StoredGroup & { created: boolean }>> {
    const { state, asking } = this.#group;
    const isNew = state.config === null;
    if (!isMatched(ifMatch, isNew ? null : etagOf(state))) return staleMatch;
    const names = request.members.map(memberName);
    this.#group.unsettle([...(state.config?.members ?? []).map(memberName), ...names]);
    const found = await enlist(asking, names);
    const missing = names.find((name) => found.absent.includes(name));
    if (missing !== undefined)
      return refused(
        "invalid",
        `there is no target ${missing}: PUT it first`,
        `members.${names.indexOf(missing)}.target`,
      );
    const config: GroupConfig = {
      ...request,
      members: request.members.map((member) => ({
        ...member,
        address: member.address ?? found.hosts[memberName(member)] ?? "",
      })),
    };
    if (!isNew && isSame(this.#group.state.config, config)) return this.#stored(false);
    // The number of groups is bounded: shard 0 reserves a place for the group before the group exists.
    const placed = isNew ? await this.#place(config) : accepted(null);
    if (!placed.ok) return placed;
    const result = this.#group.happen({ kind: "configured", config, by: asked.by }, asked);
    if (!result.ok) return result;
    this.#group.hear(found.views);
    return this.#stored(isNew);
  }

  async remove(group: string, ifMatch: string | null, asked: Asked): Promise<Result<null>> {
    await this.#enter(group);
    return this.#changed(async () => {
      const { state } = this.#group;
      if (state.config === null) return noGroup(group);
      if (!isMatched(ifMatch, etagOf(state))) return staleMatch;
      this.#group.unsettle(state.config.members.map(memberName));
      return this.#group.happen({ kind: "deleted", by: asked.by }, asked);
    });
  }

  async read(group: string, region: string | null): Promise<StoredGroup | null> {
    await this.#enter(group);
    const { state } = this.#group;
    const answer = groupAnswer(state, region ?? undefined);
    return answer === null ? null : { answer, etag: etagOf(state) };
  }

  async lease(group: string, member: string, released: number | null): Promise<Result<LeaseReply>> {
    await this.#enter(group);
    const { config, members, leader } = this.#group.state;
    if (config === null) return noGroup(group);
    if (config.mode === "pool")
      return refused("conflict", `group "${group}" is a pool: nobody leads it, and there is no lease`);
    if (members[member] === undefined)
      return refused("conflict", `${member} is no member of group "${group}"`);
    this.#group.happen({ kind: "lease", member, released });
    // The member that may take over must be alive now: what its shard said some time ago is not enough.
    if (leader === null && released === null && this.#group.state.leader === null) {
      await this.#group.pull();
      this.#group.happen({ kind: "lease", member, released });
    }
    const { state } = this.#group;
    if (released !== null) return accepted({ kind: "released" });
    const answer = leaseAnswer(state, member);
    return accepted(
      answer === null
        ? { kind: "refused", detail: refusalOf(state, member), leader: leaderAnswer(state) }
        : { kind: "granted", answer },
    );
  }

  async change(group: string, { to, reason }: SwitchRequest, asked: Asked): Promise<Result<GroupAnswer>> {
    await this.#enter(group);
    if (this.#group.state.config === null) return noGroup(group);
    await this.#group.pull();
    return this.#done({ kind: "switch", to: to ?? null, reason, by: asked.by }, asked);
  }

  async freeze(group: string, { reason, ttlMs }: FreezeRequest, asked: Asked): Promise<Result<GroupAnswer>> {
    await this.#enter(group);
    if (this.#group.state.config === null) return noGroup(group);
    return this.#done({ kind: "freeze", reason, until: this.#group.now() + ttlMs, by: asked.by }, asked);
  }

  async thaw(group: string, asked: Asked): Promise<Result<null>> {
    await this.#enter(group);
    if (this.#group.state.config === null) return noGroup(group);
    return this.#group.happen({ kind: "thaw", by: asked.by }, asked);
  }

  async history(group: string, cursor: string | null, limit: number): Promise<Result<GroupHistory>> {
    await this.#enter(group);
    const { state, store } = this.#group;
    if (state.config === null) return noGroup(group);
    if (cursor !== null && !/^\d{1,15}$/.test(cursor))
      return refused("invalid", "must be a cursor that history gave as `next`", "cursor");
    return accepted(store.history(cursor === null ? null : Number(cursor), limit, state.lines));
  }

  async views(group: string, views: MemberView[]): Promise<void> {
    await this.#enter(group);
    if (this.#group.state.config !== null) this.#group.hear(views);
  }

  async #enter(group: string): Promise<void> {
    if (this.#suspicion.arises(Date.now())) await endIfStill(this.ctx);
    this.#group.named(group);
  }

  #done(event: Parameters<Group["happen"]>[0], asked: Asked): Result<GroupAnswer> {
    const result = this.#group.happen(event, asked);
    if (!result.ok) return result;
    const answer = groupAnswer(this.#group.state);
    return answer === null ? noGroup(this.#group.state.group) : accepted(answer);
  }

  #stored(created: boolean): Result<StoredGroup & { created: boolean }> {
    const { state } = this.#group;
    const answer = groupAnswer(state);
    return answer === null ? noGroup(state.group) : accepted({ answer, etag: etagOf(state), created });
  }

  /**
   * Runs the changes of a group's configuration one at a time, so that each finds the group as If-Match said. Then announces the result.
   */
  #changed<T>(change: () => Promise<T>): Promise<T> {
    return this.#group.alone(async () => {
      try {
        return await change();
      } finally {
        await this.#group.announce();
      }
    });
  }

  #place({ mode, members }: GroupConfig): Promise<Result<null>> {
    const { asking, state } = this.#group;
    const sites = [...new Set(members.map(({ site }) => site))].toSorted();
    const first = aggregatorOf(asking.env, asking.config, 0);
    return inTime(first.noteGroup({ group: state.group, mode, sites }, true));
  }
}
