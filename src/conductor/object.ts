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
import { groupAnswer, leaderAnswer, leaseAnswer } from "../group/answer.ts";
import { type GroupState, nameOf } from "../group/state.ts";
import { endIfStill, Suspicion } from "../still.ts";
import { Group } from "./group.ts";
import { enlist } from "./pull.ts";

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
  readonly #group: Group;
  readonly #suspicion = new Suspicion();

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.#group = new Group(ctx, env);
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
    const { state } = this.#group;
    const isNew = state.config === null;
    if (!isMatched(ifMatch, isNew ? null : etagOf(state))) return staleMatch;
    const before = (state.config?.members ?? []).map(nameOf);
    const names = request.members.map(nameOf);
    const found = await enlist({ env: this.env, config: this.#group.config, group }, before, names);
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
        address: member.address ?? found.hosts[nameOf(member)] ?? "",
      })),
    };
    if (!isNew && isSame(this.#group.state.config, config)) return this.#stored(false);
    const listed = await this.#list(group, config);
    if (!listed.ok) return listed;
    const result = this.#group.happen({ kind: "configured", config, by: asked.by }, asked);
    if (!result.ok) return result;
    this.#group.hear(found.views);
    return this.#stored(isNew);
  }

  async remove(group: string, ifMatch: string | null, asked: Asked): Promise<Result<null>> {
    await this.#enter(group);
    const { state } = this.#group;
    if (state.config === null) return noGroup(group);
    if (!isMatched(ifMatch, etagOf(state))) return staleMatch;
    const { members } = state.config;
    const first = aggregatorOf(this.env, this.#group.config, 0);
    const { mode } = state.config;
    await first.noteGroup({ group, mode, sites: [] }, false);
    const result = this.#group.happen({ kind: "deleted", by: asked.by }, asked);
    await enlist({ env: this.env, config: this.#group.config, group }, members.map(nameOf), []);
    return result;
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
    // Whoever may take over is to be alive now, and not some time ago.
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

  async #list(group: string, { mode, members }: GroupConfig): Promise<Result<null>> {
    const sites = [...new Set(members.map(({ site }) => site))].toSorted();
    return aggregatorOf(this.env, this.#group.config, 0).noteGroup({ group, mode, sites }, true);
  }
}
