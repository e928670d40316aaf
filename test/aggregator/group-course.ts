import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { expect, vi } from "vitest";
import type { Asked } from "../../src/domain/audit.ts";
import type { GroupAnswer } from "../../src/domain/group.ts";
import type { Result } from "../../src/domain/problem.ts";
import { shardOf } from "../../src/domain/shard-of.ts";
import { conduct, conductor, asked, GROUP, leaseRunsOut, queryConductor, requestOf } from "./conducted.ts";
import { Receiver } from "./receiver.ts";
import { put, REGIONS, reportOf, rpc, shard } from "./scene.ts";
import { fallAfter, hasFallen, type Kind, type Place } from "./worker.ts";

/** A course of changes to a group whose conductor, or a shard that it asks, falls; and what must hold whenever they come back. */

const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const SHARDS = 2;
const TTL_MS = 86_400_000;
const PAGE = 100;

/** Sites that fall to shard 0 or to shard 1. */
const SITES = ["fra", "ams", "lon", "nyc", "sin", "gru"];
const siteOn = (place: number): string => SITES.find((site) => shardOf(site, SHARDS) === place) ?? "";
const MEMBERS = [`${siteOn(0)}/db-1`, `${siteOn(1)}/db-1`, `${siteOn(1)}/db-2`];
const at = (index: number): string => MEMBERS[index % MEMBERS.length] ?? "";
const shardOfMember = (name: string): string => String(shardOf(name.split("/")[0] ?? "", SHARDS));
const split = (name: string): [site: string, target: string] => {
  const [site = "", target = ""] = name.split("/");
  return [site, target];
};

const KINDS = [
  "strict",
  "advisory",
  "pool",
  "delete",
  "down",
  "up",
  "lease",
  "lease",
  "lease",
  "release",
  "switch",
  "freeze",
  "thaw",
  "pass",
  "run out",
  "alarm",
] as const;
export interface GroupStep {
  kind: (typeof KINDS)[number];
  member: number;
}

const step: fc.Arbitrary<GroupStep> = fc.record({
  kind: fc.constantFrom(...KINDS),
  member: fc.nat(2),
});

/** Steps, and the index of the step at which an object falls. */
export const groupCourse = fc.tuple(fc.array(step, { minLength: 4, maxLength: 9 }), fc.nat(3));

/** Every kind of call. The course plays them until the object that is to fall has fallen. */
const PROVOCATION: GroupStep[] = [
  { kind: "strict", member: 0 },
  { kind: "lease", member: 0 },
  { kind: "down", member: 2 },
  { kind: "pass", member: 0 },
  { kind: "up", member: 2 },
  { kind: "freeze", member: 0 },
  { kind: "thaw", member: 0 },
  { kind: "switch", member: 1 },
  { kind: "alarm", member: 0 },
  { kind: "delete", member: 0 },
  { kind: "pool", member: 0 },
];
const MORE = 6;

let aheadMs = 0;
let nth = 0;

export class GroupCourse {
  readonly #receiver = new Receiver();
  /** The holder of each epoch, as the conductor has reported it to any caller. */
  readonly #holders = new Map<number, string>();
  #epoch = 0;
  /** The member that may lead by a strict lease, as the conductor has granted it. */
  #leased: { member: string; epoch: number } | null = null;
  readonly #done: Asked[] = [];
  readonly #perhaps: Asked[] = [];
  /** Reasons of acknowledged changes. Each must be a line of the history. */
  readonly #reasons: string[] = [];
  /** The known configuration, named by its hold-down; null where there is no group, undefined where a call's result is not known. */
  #config: number | null | undefined = null;

  /** Before each course, after a reset. */
  async setOut(): Promise<void> {
    const realNow = Date.now.bind(Date);
    vi.spyOn(Date, "now").mockImplementation(() => realNow() + aheadMs);
    await rpc("0").putWebhook(
      "told",
      { url: "https://told.example/", events: "all", disabled: false },
      SECRET,
    );
    for (const name of MEMBERS) await put(...split(name), {}, shardOfMember(name));
    await this.#see();
  }

  /** All members answer all regional vantages. */
  async #see(): Promise<void> {
    for (const place of ["0", "1"]) {
      const keys = MEMBERS.filter((name) => shardOfMember(name) === place);
      for (const vantage of REGIONS)
        await rpc(place)
          .report([reportOf(vantage, keys)])
          .catch(() => undefined);
    }
  }

  #told(epoch: number, holder: string | null): void {
    expect(epoch).toBeGreaterThanOrEqual(this.#epoch);
    this.#epoch = epoch;
    if (holder === null) return;
    expect(this.#holders.get(epoch) ?? holder).toBe(holder);
    this.#holders.set(epoch, holder);
  }

  /** Reads the group, and reads once more where the object falls under the first read. */
  async #read(): Promise<GroupAnswer | null> {
    const stored = await conduct()
      .read(GROUP, null)
      .catch(() => conduct().read(GROUP, null));
    if (stored === null) return null;
    const { epoch, leader } = stored.answer;
    this.#told(epoch, leader === null ? null : `${leader.site}/${leader.target}`);
    return stored.answer;
  }

  /** Asks for a change, and notes whether it is done, not done, or perhaps. */
  async #ask(
    what: string,
    ask: (by: Asked, reason: string) => Promise<Result<unknown>>,
  ): Promise<boolean | null> {
    nth += 1;
    const by = asked(`${what} ${nth}`);
    const reason = `reason ${nth}`;
    const result = await ask(by, reason).catch(() => null);
    if (result === null) this.#perhaps.push(by);
    else if (result.ok) {
      this.#done.push(by);
      if (what === "switch" || what === "freeze") this.#reasons.push(reason);
    }
    return result === null ? null : result.ok;
  }

  async #configure(mode: "pool" | "leader", policy: object): Promise<void> {
    const holdDownMs = nth + 1;
    const request = requestOf(mode, MEMBERS, { holdDownMs, maxSwitchesPerHour: 60, ...policy });
    const isDone = await this.#ask("put", (by) => conduct().put(GROUP, request, null, by));
    if (isDone === true) this.#config = holdDownMs;
    if (isDone === null) this.#config = undefined;
  }

  async #lease(name: string): Promise<void> {
    const reply = await conduct()
      .lease(GROUP, name, null)
      .catch(() => null);
    if (reply?.ok !== true || reply.value.kind !== "granted") return;
    const { epoch, lease } = reply.value.answer;
    this.#told(epoch, name);
    if (lease !== "strict") return;
    if (this.#leased !== null) expect(this.#leased.member, "two by a strict lease").toBe(name);
    this.#leased = { member: name, epoch };
  }

  async #delete(): Promise<void> {
    const isDone = await this.#ask("delete", (by) => conduct().remove(GROUP, null, by));
    if (isDone !== false) this.#config = isDone === true ? null : undefined;
  }

  /** An operator overrides a member's verdict or advice; null ends the override. */
  async #say(name: string, override: object | null): Promise<void> {
    const [site, target] = split(name);
    const place = rpc(shardOfMember(name));
    nth += 1;
    const said = { ...override, reason: String(nth), ttlMs: TTL_MS };
    const work =
      override === null ? place.deleteOverride(site, target) : place.putOverride(site, target, said);
    await work.catch(() => undefined);
  }

  /** The member that may lead stops leading and releases its lease. */
  async #release(): Promise<void> {
    if (this.#leased === null) return;
    const { member, epoch } = this.#leased;
    this.#leased = null;
    await conduct()
      .lease(GROUP, member, epoch)
      .catch(() => undefined);
  }

  readonly #takes: Record<GroupStep["kind"], (name: string, member: number) => Promise<unknown>> = {
    strict: () => this.#configure("leader", { lease: "strict" }),
    advisory: () => this.#configure("leader", { lease: "advisory" }),
    pool: () => this.#configure("pool", {}),
    delete: () => this.#delete(),
    down: (name) => this.#say(name, { advice: { routing: "avoid", failover: true } }),
    up: (name) => this.#say(name, null),
    lease: (name) => this.#lease(name),
    release: () => this.#release(),
    switch: (name, member) =>
      this.#ask("switch", (by, reason) =>
        conduct().change(GROUP, { reason, ...(member === 0 ? {} : { to: name }) }, by),
      ),
    freeze: () => this.#ask("freeze", (by, reason) => conduct().freeze(GROUP, { reason, ttlMs: TTL_MS }, by)),
    thaw: () => this.#ask("thaw", (by) => conduct().thaw(GROUP, by)),
    pass: () => {
      aheadMs += 6_000;
      return this.#see();
    },
    "run out": () => {
      this.#leased = null;
      return leaseRunsOut().catch(() => undefined);
    },
    alarm: () => runDurableObjectAlarm(conductor()).catch(() => false),
  };

  async #take({ kind, member }: GroupStep): Promise<void> {
    await this.#takes[kind](at(member), member);
  }

  async #checkConfig(): Promise<void> {
    const answer = await this.#read();
    const read = answer?.policy.holdDownMs ?? null;
    if (this.#config !== undefined) expect(read).toBe(this.#config);
    this.#config = read;
  }

  async play(steps: GroupStep[], index: number, nthStep: number, place: Place, kind: Kind): Promise<void> {
    await this.#take({ kind: "strict", member: 0 });
    for (const [number, one] of steps.entries()) {
      if (number === index) fallAfter(nthStep, place, kind);
      await this.#take(one);
      await this.#checkConfig();
    }
    for (let more = 0; !hasFallen() && more < MORE; more++)
      for (const one of PROVOCATION) {
        if (!hasFallen()) await this.#take(one);
        await this.#checkConfig();
      }
    expect(hasFallen()).toBe(true);
    fallAfter(Infinity);
    await abortAllDurableObjects();
    await this.#meet();
  }

  /** Nobody calls the conductor: it must finish its work by its own alarm. */
  async #meet(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      aheadMs += 6_000;
      await runDurableObjectAlarm(conductor());
    }
    const hasTables =
      (await queryConductor("SELECT name FROM sqlite_master WHERE name = 'words'")).length > 0;
    if (hasTables) {
      expect(await queryConductor("SELECT number FROM words")).toEqual([]);
      expect(await queryConductor("SELECT id FROM unsettled")).toEqual([]);
    }
    await this.#checkConfig();
    const answer = await this.#read();
    await this.#meetShards(answer);
    await this.#meetAudit();
    if (answer === null) return;
    const armed = await runInDurableObject(conductor(), (_object, { storage }) => storage.getAlarm());
    expect(armed).not.toBeNull();
    await this.#meetHistory();
  }

  /** The list of groups, and the members that each shard follows for the group, agree with the group. */
  async #meetShards(answer: GroupAnswer | null): Promise<void> {
    const listed = await rpc("0").listGroups();
    expect(listed.map(({ mode, sites }) => [mode, sites])).toEqual(
      answer === null ? [] : [[answer.mode, [siteOn(0), siteOn(1)].toSorted()]],
    );
    for (const place of ["0", "1"]) {
      const rows = await runInDurableObject(shard(place), (_object, { storage }) =>
        storage.sql.exec<{ key: string }>("SELECT key FROM followers ORDER BY key").toArray(),
      );
      expect(rows.map(({ key }) => key)).toEqual(
        answer === null ? [] : MEMBERS.filter((name) => shardOfMember(name) === place).toSorted(),
      );
    }
  }

  /** Each acknowledged change is in the audit once, and a change without an answer is there at most once. */
  async #meetAudit(): Promise<void> {
    const page = await rpc("0").auditBefore({ since: null, until: null, before: null, limit: PAGE });
    const found = page.entries.map(({ entry }) => entry.what).filter((what) => !what.startsWith("/"));
    expect(new Set(found).size).toBe(found.length);
    for (const { what } of this.#done) expect(found).toContain(what);
    const may = new Set([...this.#done, ...this.#perhaps].map(({ what }) => what));
    expect(found.filter((what) => !may.has(what))).toEqual([]);
  }

  async #meetHistory(): Promise<void> {
    const history = await conduct().history(GROUP, null, PAGE);
    const lines = history.ok ? history.value.changes : [];
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => lines.length - index));
    for (const reason of this.#reasons)
      expect(lines.filter(({ kind, because }) => kind !== "changed" && because === reason)).toHaveLength(1);
    for (const [index, { epoch }] of lines.entries())
      expect(epoch).toBeLessThanOrEqual(lines[index - 1]?.epoch ?? Infinity);
    await this.#meetReceiver(
      lines.filter(({ kind }) => kind === "changed" || kind === "withheld").map(({ number }) => number),
    );
  }

  /** The webhook receives each change once, under one id. */
  async #meetReceiver(numbers: number[]): Promise<void> {
    await runDurableObjectAlarm(shard("0"));
    const waits = async () =>
      (await rpc("0").webhookCounts()).find(({ id }) => id === "told")?.pending ?? "no such webhook";
    await expect.poll(waits, { interval: 5 }).toBe(0);
    const told = new Map<number, Set<string>>();
    for (const { id, message } of this.#receiver.requests) {
      if (message.type !== "group.changed" && message.type !== "group.withheld") continue;
      const { number } = message.data.change;
      told.set(number, (told.get(number) ?? new Set()).add(id));
    }
    expect([...told.keys()].toSorted((a, b) => b - a)).toEqual(numbers);
    for (const ids of told.values()) expect(ids.size).toBe(1);
  }
}
