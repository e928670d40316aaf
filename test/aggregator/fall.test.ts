import { abortAllDurableObjects } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { SiteData, TransitionData } from "../../src/domain/webhook.ts";
import type { Webhook } from "../../src/domain/webhook.ts";
import { sceneOf } from "../../src/aggregator/scene.ts";
import { toldOf } from "../../src/aggregator/told.ts";
import type { NotifiedCause } from "../../src/webhooks/cause.ts";
import { causesNow } from "../../src/webhooks/causes.ts";
import { bundlesFor } from "../../src/webhooks/bundle.ts";
import { World } from "../verdict/world.ts";
import { answerOf, put, query, reportAll, rpc } from "./scene.ts";
import { deliveries, hook, pass, receiver, setClock, settled, setTheStage } from "./webhook-stage.ts";

setTheStage();

const FALLEN = ["fra/db-1", "fra/db-2", "fra/db-3", "fra/db-4"];
const OTHERS = ["ams/web-1", "ams/web-2", "ams/web-3", "ams/web-4", "ams/web-5"];
const SILENT = { outcome: "connect_timeout", stage: "connect", totalMs: 2_000 } as const;

beforeEach(async () => {
  for (const key of [...FALLEN, ...OTHERS]) {
    const [site = "", target = ""] = key.split("/");
    await put(site, target);
  }
  for (let round = 0; round < 3; round++) {
    await reportAll([...FALLEN, ...OTHERS]);
    setClock(Date.now() + 500);
  }
});

/** The whole site falls silent, and the vantages see that for long enough that the judge names the site. */
const fall = async (): Promise<void> => {
  for (let round = 0; round < 4; round++) {
    await reportAll(FALLEN, SILENT);
    await reportAll(OTHERS);
    setClock(Date.now() + 500);
  }
  expect(await answerOf("fra", "db-1")).toMatchObject({ verdict: "unreachable", scope: "site" });
};
const rise = async (): Promise<void> => {
  for (let round = 0; round < 16; round++) {
    await reportAll([...FALLEN, ...OTHERS]);
    setClock(Date.now() + 700);
  }
  expect((await answerOf("fra", "db-1")).verdict).toBe("alive");
};

const sent = () => receiver.requests.map(({ message }) => message);
const sites = (): SiteData[] => sent().flatMap((message) => (message.type === "site" ? [message.data] : []));
const named = (data: SiteData): string[] => data.targets.map(({ target }) => `fra/${target}`).toSorted();

describe("the fall of a site", () => {
  it("is one message, and its end is told as one each time as well; events are of each target", async () => {
    await hook("ops", { events: "verdict" });
    const before = (await rpc().transitionsAfter("1.0", 1_000)).next;
    await fall();
    await settled({ pending: 0 });
    expect(sites().map(named)).toEqual([FALLEN]);
    expect(sites()[0]).toMatchObject({ site: "fra", scope: "site", more: 0, muted: null, drill: null });
    expect(sites()[0]?.targets.map(({ from, to }) => [from, to])).toEqual(
      FALLEN.map(() => ["alive", "unreachable"]),
    );
    await abortAllDurableObjects();
    await rise();
    await settled({ pending: 0 });
    expect(sites().map(named)).toEqual(sites().map(() => FALLEN));
    expect(
      sites()
        .at(-1)
        ?.targets.map(({ to }) => to),
    ).toEqual(FALLEN.map(() => "alive"));
    expect(sent().filter(({ type }) => type === "transition")).toEqual([]);
    // Each target's sequences rise from message to message, and are those of its events.
    const events = (await rpc().transitionsAfter(before, 1_000)).events.map(
      ({ json }) => JSON.parse(json) as TransitionData,
    );
    for (const key of FALLEN) {
      const of = ({ target }: { target: string }): boolean => `fra/${target}` === key;
      const inMessages = sites().flatMap((data) => data.targets.filter(of).map(({ sequence }) => sequence));
      const moved = events.filter((one) => of(one) && one.transition.from !== one.transition.to);
      expect(inMessages).toEqual(moved.map(({ transition }) => transition.sequence));
    }
  });

  it("is one for each target where that is asked for, or where the webhook is from before", async () => {
    await hook("each", { events: "verdict", bundle: "target" });
    await hook("old", { events: "verdict", bundle: "target" });
    await fall();
    for (const id of ["each", "old"]) await settled({ pending: 0 }, id);
    expect(sites()).toEqual([]);
    const told = sent().filter(({ type }) => type === "transition");
    expect(told).toHaveLength(2 * FALLEN.length);
    // A client that does not know `bundle` replaces the webhook: `bundle` stays as it was.
    await hook("old", { events: "verdict" });
    expect((await rpc().webhooks()).map(({ id, bundle }) => [id, bundle])).toEqual([
      ["each", "target"],
      ["old", "target"],
    ]);
  });

  it("is listed as one delivery, is tried again as one, and is replayed as it was", async () => {
    receiver.answer = () => new Response(null, { status: 500 });
    await hook("ops", { events: "verdict" });
    await fall();
    await expect.poll(() => receiver.requests.length).toBeGreaterThan(0);
    receiver.answer = () => new Response(null, { status: 204 });
    await abortAllDurableObjects();
    await pass(60_000);
    await settled({ pending: 0, delivered: 1 });
    const [delivery] = (await deliveries()).filter(({ type }) => type === "site");
    expect(delivery).toMatchObject({ site: "fra", target: null, sequence: null, state: "delivered" });
    const body = JSON.stringify(sites().at(-1));
    const { length } = receiver.requests;
    await rpc().replayDelivery("ops", delivery?.id ?? "");
    await expect.poll(() => receiver.requests.length).toBe(length + 1);
    expect(JSON.stringify(sites().at(-1))).toBe(body);
    expect(new Set(receiver.ids)).toEqual(new Set([delivery?.id]));
    expect(await rpc().replayDelivery("ops", delivery?.id.replace("-site", "") ?? "")).toMatchObject({
      ok: false,
    });
    expect(await query("SELECT * FROM outbox")).toHaveLength(1);
  });

  it("is none where one target alone is silent", async () => {
    await hook("ops", { events: "verdict" });
    for (let round = 0; round < 4; round++) {
      await reportAll(["fra/db-1"], SILENT);
      await reportAll([...FALLEN.slice(1), ...OTHERS]);
      setClock(Date.now() + 500);
    }
    await settled({ pending: 0 });
    expect(sites()).toEqual([]);
    expect(receiver.told("db-1").length).toBeGreaterThan(0);
  });
});

describe("to who is told of verdicts", () => {
  const hook: Webhook = {
    id: "ops",
    url: "https://ops.example/",
    events: "verdict",
    bundle: "site",
    disabled: false,
    keys: [],
    gone: null,
    revision: 1,
    createdAt: 0,
    updatedAt: 0,
  };

  /** A world, and for each judgement that causes messages the number of targets in each message. */
  const watched = (keys: string[]): { world: World; messages: number[] } => {
    const world = new World({ asText: false });
    for (const key of [...keys, "ams/web-1"]) world.place(key);
    world.run(20_000);
    const messages: number[] = [];
    const ofFall = new Map<string, boolean>();
    let [before, seen] = [world.state, world.changes.length];
    world.onJudged = () => {
      const told = world.changes.slice(seen).map((change) => {
        const key = `${change.site}/${change.target}`;
        const one = toldOf(change, before, world.state, world.now, () => ofFall.get(key) === true);
        ofFall.set(key, one.isOfFall);
        return one;
      });
      [before, seen] = [world.state, world.changes.length];
      messages.push(...bundlesFor(hook, told).map(({ length }) => length));
    };
    return { world, messages };
  };

  /** The notes that a webhook for people receives from now on. */
  const toldPeople = (world: World): string[] => {
    const told: string[] = [];
    let known: NotifiedCause[] = [];
    world.onJudged = () => {
      const scene = sceneOf(world.state, world.now, () => false);
      const { causes, notes } = causesNow(known, scene, { ...hook, format: "slack" });
      known = causes;
      told.push(...notes.map(({ state, title }) => `${state} ${title}`));
    };
    return told;
  };

  it.each([2, 3, 18])("a site of %i targets falls in one message, and comes back in two", (count) => {
    const keys = Array.from({ length: count }, (_, index) => `fra/db-${index}`);
    const { world, messages } = watched(keys);
    for (const key of keys) world.set(key, "silent");
    world.run(20_000);
    expect(messages).toEqual([count]);
    for (const key of keys) world.set(key, "ok");
    world.run(20_000);
    // One message that the targets answer again, and one that they are well.
    expect(messages).toEqual([count, count, count]);
  });

  it.each([2, 3, 18])(
    "people hear of the fall of a site of %i targets once, and once of its end",
    (count) => {
      const keys = Array.from({ length: count }, (_, index) => `fra/db-${index}`);
      const { world } = watched(keys);
      const told = toldPeople(world);
      for (const key of keys) world.set(key, "silent");
      world.run(20_000);
      expect(told).toEqual([`begins fra: the whole site fell, ${count} targets`]);
      for (const key of keys) world.set(key, "ok");
      world.run(20_000);
      expect(told.slice(1)).toEqual([`over fra: ${count} targets, well again`]);
    },
  );

  it("people hear of a target that falls without its site, and of its end", () => {
    const { world } = watched(["fra/db-1", "fra/db-2", "fra/db-3"]);
    const told = toldPeople(world);
    world.set("fra/db-1", "refused");
    world.run(20_000);
    world.set("fra/db-1", "ok");
    world.run(20_000);
    expect([told[0], told.at(-1)]).toEqual([
      expect.stringMatching(/^begins fra\/db-1: process_crashed/),
      "over fra/db-1: well again",
    ]);
  });

  it("what falls without its site is told by itself", () => {
    const keys = ["fra/db-1", "fra/db-2", "fra/db-3"];
    const { world, messages } = watched(keys);
    world.set("fra/db-1", "silent");
    world.run(20_000);
    expect(messages.length).toBeGreaterThan(0);
    expect(new Set(messages)).toEqual(new Set([1]));
  });
});
