import { afterAll, beforeAll, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { GroupHistory } from "../../src/domain/group.ts";
import type { Deliveries, NewWebhook } from "../../src/domain/webhook.ts";
import { HttpReceiver, MANNERS, type Taken } from "./receiver.ts";
import { startDetector, stopDetector } from "./scene.ts";

// A group's messages reach a real receiver through shard 0, even though conductor and shard die.

let detector: Detector;
let receiver: HttpReceiver;
beforeAll(async () => {
  detector = await startDetector();
  receiver = await HttpReceiver.start();
});
afterAll(async () => {
  await receiver.down();
  await stopDetector(detector);
});

const SITES = ["ams", "fra", "waw"] as const;
const CHANGES = 6;
/** The first gap between attempts is 5 s, a fifth more or less. After a death the object rests until the watchdog's next round. */
const ARRIVE_MS = 60_000;

const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const { status, text } = await detector.api.ask(path, { method, body });
  if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
};

/** The messages about groups that the receiver took, by their ids. */
const words = (): Map<string, Taken> =>
  new Map(
    receiver.taken.filter(({ message }) => message.type.startsWith("group.")).map((one) => [one.id, one]),
  );

const history = async (): Promise<GroupHistory["changes"]> =>
  (await call<GroupHistory>("GET", "/v1/groups/web/history?limit=100")).changes;

test("each change and each one withheld comes once under its id, signed, whatever dies meanwhile", async () => {
  for (const site of SITES)
    await detector.api.putTarget({ site, target: "web" }, { url: "http://127.0.0.1:9/", paused: true });
  const members = SITES.map((site) => ({ site, target: "web" }));
  await call("PUT", "/v1/groups/web", { mode: "pool", members, policy: { maxOut: 0.4, holdDownMs: 0 } });
  const hook = await call<NewWebhook>("PUT", "/v1/webhooks/ops", { url: receiver.url, sites: ["ams"] });
  expect(hook.groups).toBe("all");
  /** Makes traffic stay away from a member, or come back to it. */
  const say = (site: string, routing: "serve" | "avoid") =>
    detector.api.override(
      { site, target: "web" },
      { advice: { routing }, reason: "a story", ttlMs: 3_600_000 },
    );
  await say("fra", "avoid");
  await until(async () => words().size === 1, { withinMs: ARRIVE_MS, explain: () => detector.log });
  await say("waw", "avoid");
  await until(async () => words().size === 2, { withinMs: ARRIVE_MS, explain: () => detector.log });
  expect([...words().values()].map(({ message }) => message.type)).toEqual([
    "group.changed",
    "group.withheld",
  ]);

  // The receiver answers late, so that many messages are on their way when the detector dies.
  receiver.manner = (answer, taken, request) => void setTimeout(() => MANNERS.ok(answer, taken, request), 40);
  await say("waw", "serve");
  for (let turn = 0; turn < CHANGES; turn++) {
    const before = (await history()).length;
    await say("fra", turn % 2 === 0 ? "serve" : "avoid");
    await until(async () => (await history()).length > before, {
      withinMs: ARRIVE_MS,
      everyMs: 5,
      explain: () => "the group did not change",
    });
    await detector.kill();
    await detector.restart();
  }
  const lines = (await history()).filter(({ kind }) => kind === "changed" || kind === "withheld");
  await until(async () => words().size === lines.length, {
    withinMs: ARRIVE_MS,
    explain: () => `${words().size} of ${lines.length}\n${detector.log}`,
  });
  const told = [...words().values()].flatMap(({ message }) =>
    message.type === "group.changed" || message.type === "group.withheld" ? [message.data.change] : [],
  );
  expect(told.toSorted((a, b) => b.number - a.number)).toEqual(lines);
  expect(lines.length).toBeGreaterThan(CHANGES);
  receiver.verified(hook.secret);

  // Waits until all are known to be delivered: a message that still waits for its answer could not be distinguished from one sent again.
  const listed = await until(
    async () => {
      const path = "/v1/webhooks/ops/deliveries?limit=100";
      const { deliveries } = await call<Deliveries>("GET", path);
      const groups = deliveries.filter(({ type }) => type === "group");
      return groups.every(({ state }) => state === "delivered") && groups;
    },
    { withinMs: ARRIVE_MS, explain: () => "not all of them are known to be delivered" },
  );
  expect(listed.map(({ id }) => id).toSorted()).toEqual([...words().keys()].toSorted());
  const id = listed[0]?.id ?? "";
  const before = receiver.ids.filter((one) => one === id).length;
  await call("POST", `/v1/webhooks/ops/deliveries/${id}/replay`);
  await until(async () => receiver.ids.filter((one) => one === id).length > before, {
    withinMs: ARRIVE_MS,
    explain: () => "it was not sent again",
  });
  receiver.verified(hook.secret);

  // A webhook of another site, and one that wants no groups, receive no message about the group.
  const other = await HttpReceiver.start();
  await call("PUT", "/v1/webhooks/other", { url: other.url, sites: ["nowhere"] });
  await call("PUT", "/v1/webhooks/none", { url: other.url, groups: "none", sites: ["ams"] });
  const known = words().size;
  await say("fra", "serve");
  await until(async () => words().size > known, { withinMs: ARRIVE_MS, explain: () => detector.log });
  expect(other.taken.filter(({ message }) => message.type.startsWith("group."))).toEqual([]);
  await other.down();
});
