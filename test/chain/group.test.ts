import { afterAll, beforeAll, expect, test } from "vitest";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { GroupAnswer, GroupHistory, LeaderAnswer, LeaseAnswer } from "../../src/domain/group.ts";
import type { NodeProcess } from "../../harness/nodes/process.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

// A group of real nodes in the whole detector: which members serve, which one leads, and what outlives the detector's own death.

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

const LEASE_MS = 2_000;
const nameOf = ({ site, target }: Key): string => `${site}/${target}`;

/** A group, and the calls of it that this file makes. */
class Asked {
  readonly name: string;
  readonly #tokens = new Map<string, string>();

  constructor(name: string) {
    this.name = name;
  }

  async put(mode: "pool" | "leader", keys: Key[], policy: object = {}): Promise<GroupAnswer> {
    const members = keys.map((key, index) => ({ ...key, priority: index + 1 }));
    const { status, text } = await this.ask("", { method: "PUT", body: { mode, members, policy } });
    expect([200, 201], text).toContain(status);
    for (const key of keys) {
      const { token } = await detector.api.makeToken({ scope: "notify", ...key });
      this.#tokens.set(nameOf(key), token);
    }
    return JSON.parse(text) as GroupAnswer;
  }

  ask(path: string, ask: Parameters<typeof detector.api.ask>[1] = {}) {
    return detector.api.ask(`/v1/groups/${this.name}${path}`, ask);
  }

  async get(): Promise<GroupAnswer> {
    return JSON.parse((await this.ask("")).text) as GroupAnswer;
  }

  async history(): Promise<GroupHistory["changes"]> {
    return (JSON.parse((await this.ask("/history?limit=100")).text) as GroupHistory).changes;
  }

  async lease(key: Key, body: object = {}): Promise<{ status: number; answer: LeaseAnswer }> {
    const token = this.#tokens.get(nameOf(key)) ?? "";
    const { status, text } = await this.ask("/lease", { method: "POST", body, token });
    return { status, answer: (text === "" ? {} : JSON.parse(text)) as LeaseAnswer };
  }

  async leader(): Promise<LeaderAnswer | null> {
    const { status, text } = await this.ask("/leader");
    return status === 200 ? (JSON.parse(text) as LeaderAnswer) : null;
  }

  /** Waits until this member leads. */
  async leads(key: Key, withinMs: number): Promise<LeaderAnswer> {
    return until(
      async () => {
        const leader = await this.leader();
        return leader !== null && nameOf(leader) === nameOf(key) ? leader : undefined;
      },
      { withinMs, everyMs: 100, explain: () => `${nameOf(key)} does not lead ${this.name}` },
    );
  }
}

const nodesOf = async (scene: Scene, count: number): Promise<{ keys: Key[]; nodes: NodeProcess[] }> => {
  const made = [];
  for (let index = 0; index < count; index++)
    made.push(
      await scene.node("db", { site: `${scene.site}-${String.fromCodePoint(97 + index)}`, hasWitness: true }),
    );
  await scene.healthy();
  return { keys: made.map(({ key }) => key), nodes: made.map(({ node }) => node) };
};

test("a pool lets go who crashed, keeps the last ones in, and takes them back", () =>
  Scene.play(detector, async (scene) => {
    const { keys, nodes } = await nodesOf(scene, 3);
    const group = new Asked("web");
    const made = await group.put("pool", keys, { holdDownMs: 1_000 });
    expect(made.serving).toHaveLength(3);
    const serving = async (key: Key): Promise<number> =>
      (await group.ask(`/members/${nameOf(key)}/serving`)).status;
    const [first, second] = keys as [Key, Key];
    for (const key of keys) scene.letFailover(key);
    await nodes[0]?.kill();
    await until(async () => (await serving(first)) === 503, {
      withinMs: 20_000,
      explain: () => "the first one still serves",
    });
    expect((await group.ask("/addresses")).text).toBe("127.0.0.1\n127.0.0.1\n");
    await nodes[1]?.kill();
    await until(async () => (await group.get()).heldBy.length > 0, {
      withinMs: 20_000,
      explain: () => "nothing holds the second one back",
    });
    expect(await serving(second)).toBe(200);
    expect((await group.get()).heldBy).toMatchObject([{ what: "max-out", member: nameOf(second) }]);
    await nodes[0]?.revive();
    await nodes[1]?.revive();
    await until(async () => (await group.get()).serving.length === 3, {
      withinMs: 60_000,
      explain: () => "not all serve again",
    });
    const kinds = (await group.history()).map(({ kind }) => kind);
    expect(kinds).toContain("withheld");
  }));

test("an advisory leader that crashed has a successor, and its epoch survives the detector's death", () =>
  Scene.play(detector, async (scene) => {
    const { keys, nodes } = await nodesOf(scene, 2);
    const [first, second] = keys as [Key, Key];
    const group = new Asked("db");
    await group.put("leader", keys, { holdDownMs: 1_000 });
    expect(await group.leads(first, 10_000)).toMatchObject({ epoch: 1, address: "127.0.0.1" });
    expect((await group.ask("/leader?format=text")).text).toBe(`${nameOf(first)} 127.0.0.1 1\n`);
    scene.letFailover(first);
    await nodes[0]?.kill();
    expect(await group.leads(second, 30_000)).toMatchObject({ epoch: 2 });
    const [newest] = await group.history();
    expect(newest).toMatchObject({ kind: "changed", from: [nameOf(first)], to: [nameOf(second)] });
    await detector.kill();
    await detector.restart();
    expect(await group.leader()).toMatchObject({ ...second, epoch: 2 });
    await nodes[0]?.revive();
    await scene.reach(first, { verdict: "alive" }, 30_000);
    // A group that is made anew goes on from its old epoch.
    await group.ask("", { method: "DELETE" });
    expect((await group.ask("")).status).toBe(404);
    await group.put("leader", keys, { holdDownMs: 1_000 });
    expect((await group.leads(first, 20_000)).epoch).toBe(3);
  }));

test("a strict lease: one holder, another once it has surely run out, and a planned change", () =>
  Scene.play(detector, async (scene) => {
    const { keys } = await nodesOf(scene, 2);
    const [first, second] = keys as [Key, Key];
    const group = new Asked("strict");
    const made = await group.put("leader", keys, { lease: "strict", leaseMs: LEASE_MS, holdDownMs: 0 });
    expect(made.warnings.join()).toContain("strict");
    await until(async () => (await group.lease(first)).status === 200, {
      withinMs: 10_000,
      explain: () => "the first one is not granted the lease",
    });
    const begun = performance.now();
    expect(await group.lease(first)).toMatchObject({ status: 200, answer: { epoch: 1, leaseMs: LEASE_MS } });
    expect((await group.lease(second)).status).toBe(409);
    const granted = await until(
      async () => {
        const { status, answer } = await group.lease(second);
        return status === 200 ? answer : undefined;
      },
      { withinMs: 10_000, everyMs: 100, explain: () => "the second one is not granted the lease" },
    );
    expect(performance.now() - begun).toBeGreaterThan(LEASE_MS);
    expect(granted.epoch).toBe(2);
    expect((await group.lease(first)).status).toBe(409);
    await group.lease(second);
    const { status } = await group.ask("/switch", {
      method: "POST",
      body: { to: nameOf(first), reason: "a new kernel" },
    });
    expect(status).toBe(202);
    expect((await group.lease(second)).status).toBe(409);
    expect((await group.lease(first)).status).toBe(409);
    expect((await group.lease(second, { released: 2 })).status).toBe(204);
    await until(async () => (await group.lease(first)).status === 200, {
      withinMs: 5_000,
      explain: () => "the planned one is not granted the lease",
    });
    expect(await group.leader()).toMatchObject({ ...first, epoch: 3 });
    expect(
      (await group.ask("/freeze", { method: "POST", body: { reason: "a look", ttlMs: 60_000 } })).status,
    ).toBe(200);
    expect((await group.ask("/switch", { method: "POST", body: { reason: "no" } })).status).toBe(409);
    expect((await group.ask("/freeze", { method: "DELETE" })).status).toBe(204);
    const audit = await detector.api.ask("/v1/audit?limit=20");
    expect(audit.text).toContain("POST /v1/groups/strict/switch");
  }));
