import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { TransitionSchema } from "../../src/domain/verdict.ts";
import type { Delivery, WebhookAnswer } from "../../src/domain/webhook.ts";
import { HttpReceiver, MANNERS, redirecting, type Manner } from "./receiver.ts";
import { startDetector, stopDetector } from "./scene.ts";

/** The first gap between attempts is 5 s and the second is 30 s, a fifth more or less. */
const FIRST_RETRY_MS = 12_000;
const SOON_MS = 5_000;
/** How long the sender waits for a receiver's answer. */
const SEND_LIMIT_MS = 10_000;

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

const receivers: HttpReceiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.down()));
});

const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const { status, text } = await detector.api.ask(path, { method, body });
  if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
};

let stories = 0;

/** A target that no vantage probes, whose verdict only an operator's override changes, and a webhook for its site. */
class Story {
  readonly key: Key;
  readonly receiver: HttpReceiver;
  readonly id: string;
  secret = "";
  #words = 0;

  private constructor(receiver: HttpReceiver) {
    this.receiver = receiver;
    this.id = `hook-${++stories}`;
    this.key = { site: this.id, target: "db-1" };
  }

  static async begin(manner: Manner = MANNERS.ok): Promise<Story> {
    const receiver = await HttpReceiver.start(manner);
    receivers.push(receiver);
    const story = new Story(receiver);
    await detector.api.putTarget(story.key, { url: "http://127.0.0.1:9/", paused: true });
    const made = await call<{ secret: string }>("PUT", story.path, {
      url: receiver.url,
      sites: [story.key.site],
    });
    story.secret = made.secret;
    return story;
  }

  get path(): string {
    return `/v1/webhooks/${this.id}`;
  }

  /** Changes the verdict `times` times, and returns the sequences of the new transitions. */
  async move(times = 1): Promise<number[]> {
    const before = await this.#newest();
    for (let time = 0; time < times; time++)
      await detector.api.override(this.key, {
        verdict: this.#words++ % 2 === 0 ? "node_dead" : "alive",
        reason: "a story",
        ttlMs: 3_600_000,
      });
    const after = await this.#newest();
    return Array.from({ length: after - before }, (_, index) => before + index + 1);
  }

  webhook(): Promise<WebhookAnswer> {
    return call("GET", this.path);
  }

  async deliveries(state = ""): Promise<Delivery[]> {
    const query = state === "" ? "" : `&state=${state}`;
    return (await call<{ deliveries: Delivery[] }>("GET", `${this.path}/deliveries?limit=100${query}`))
      .deliveries;
  }

  /** Waits until the webhook has these counts. */
  async reaches(counts: Partial<WebhookAnswer["counts"]>, withinMs = SOON_MS): Promise<WebhookAnswer> {
    let last: WebhookAnswer | undefined;
    return until(
      async () => {
        last = await this.webhook();
        const known = last.counts;
        return (
          Object.entries(counts).every(([name, count]) => known[name as keyof typeof known] === count) && last
        );
      },
      { withinMs, everyMs: 50, explain: () => `${JSON.stringify(last)}\n${detector.log}` },
    );
  }

  async #newest(): Promise<number> {
    return (await detector.api.history(this.key))[0]?.sequence ?? 0;
  }
}

describe("a receiver", () => {
  test("takes every transition once, and each is verified by the reference implementation", async () => {
    const story = await Story.begin();
    const moved = await story.move(20);
    expect(moved.length).toBe(20);
    await story.reaches({ pending: 0, delivered: 20, failed: 0 });
    expect(story.receiver.sequences.toSorted((a, b) => a - b)).toEqual(moved);
    expect(new Set(story.receiver.ids).size).toBe(20);
    // The history has fields besides those of a message, which are stripped here.
    const history = (await detector.api.history(story.key)).map((one) => TransitionSchema.strip().parse(one));
    for (const { message } of story.receiver.taken)
      expect(message).toMatchObject({
        type: "transition",
        data: {
          ...story.key,
          drill: null,
          transition: history.find(
            ({ sequence }) => message.type === "transition" && sequence === message.data.transition.sequence,
          ),
        },
      });
    expect(story.receiver.verified(story.secret)).toEqual(story.receiver.taken.map(({ message }) => message));
  });

  test("that holds the old secret verifies as well as one with the new, while it rotates", async () => {
    const story = await Story.begin();
    const { secret } = await call<{ secret: string }>("POST", `${story.path}/rotate`);
    const { deliveryId } = await call<{ deliveryId: string }>("POST", `${story.path}/test`);
    await story.reaches({ delivered: 1 });
    expect(story.receiver.ids).toEqual([deliveryId]);
    for (const known of [secret, story.secret])
      expect(story.receiver.verified(known)).toMatchObject([{ type: "test", data: { webhook: story.id } }]);
    expect(() => story.receiver.verified(`whsec_${btoa("x".repeat(32))}`)).toThrow();
  });

  test("that is down has all of it once it is back, and the list says meanwhile why", async () => {
    const story = await Story.begin();
    await story.receiver.down();
    const moved = await story.move(12);
    await until(async () => (await story.deliveries()).every(({ attempts }) => attempts > 0), {
      withinMs: SOON_MS,
      explain: () => "not every message was tried",
    });
    const [waiting] = await story.deliveries("pending");
    expect(waiting).toMatchObject({ state: "pending", lastStatus: null, lastError: "the connection failed" });
    expect(Date.parse(waiting?.nextAttemptAt ?? "")).toBeGreaterThan(Date.now());
    await story.receiver.up();
    await story.reaches({ pending: 0, delivered: 12, dead: 0 }, FIRST_RETRY_MS);
    expect(story.receiver.sequences.toSorted((a, b) => a - b)).toEqual(moved);
  });

  test("that answers 500 and then 200 has the same message under the same id", async () => {
    const story = await Story.begin();
    let asked = 0;
    story.receiver.manner = (...all) => (asked++ === 0 ? MANNERS.busy : MANNERS.ok)(...all);
    await story.move();
    await story.reaches({ pending: 0, delivered: 1, failed: 1 }, FIRST_RETRY_MS);
    const [first, second] = story.receiver.taken;
    expect(second?.id).toBe(first?.id);
    expect(second?.body).toBe(first?.body);
    // The second attempt is signed anew, for its own time.
    expect(second?.headers["webhook-timestamp"]).not.toBe(first?.headers["webhook-timestamp"]);
    story.receiver.verified(story.secret);
  });

  test("whose answer is lost has the message twice, under one id", async () => {
    const story = await Story.begin();
    let asked = 0;
    story.receiver.manner = (...all) => (asked++ === 0 ? MANNERS.lost : MANNERS.ok)(...all);
    await story.move();
    await story.reaches({ pending: 0, delivered: 1 }, FIRST_RETRY_MS);
    expect(story.receiver.ids.length).toBe(2);
    expect(new Set(story.receiver.ids).size).toBe(1);
  });

  test("that redirects is not followed", async () => {
    const elsewhere = await HttpReceiver.start();
    receivers.push(elsewhere);
    const story = await Story.begin(redirecting(elsewhere.url));
    await story.move();
    await story.reaches({ failed: 1, pending: 1 });
    const [delivery] = await story.deliveries();
    expect(delivery).toMatchObject({
      lastStatus: 307,
      lastError: "redirected with 307, which is not followed",
    });
    expect(elsewhere.taken).toEqual([]);
  });

  test("that answers 410 is sent nothing more until its webhook is put again", async () => {
    const story = await Story.begin(MANNERS.gone);
    await story.move();
    await until(async () => (await story.webhook()).state === "disabled", {
      withinMs: SOON_MS,
      explain: () => "not disabled",
    });
    expect(await story.webhook()).toMatchObject({
      reason: "the receiver answered 410",
      counts: { pending: 0, dead: 1 },
    });
    await story.move(3);
    expect(story.receiver.taken.length).toBe(1);
    expect((await detector.api.ask(`${story.path}/test`, { method: "POST" })).status).toBe(409);
    story.receiver.manner = MANNERS.ok;
    await call("PUT", story.path, { url: story.receiver.url, sites: [story.key.site] });
    const [dead] = await story.deliveries("dead");
    await call("POST", `${story.path}/deliveries/${dead?.id}/replay`);
    await story.reaches({ delivered: 1, dead: 0, pending: 0 });
    expect(story.receiver.ids).toEqual([dead?.id, dead?.id]);
  });

  test("that never answers holds up no other, and is left after ten seconds", async () => {
    const silent = await Story.begin(MANNERS.silent);
    const good = await Story.begin();
    await silent.move(8);
    const begin = performance.now();
    const moved = await good.move(8);
    await good.reaches({ delivered: moved.length, pending: 0 });
    for (const { at } of good.receiver.taken) expect(at - begin).toBeLessThan(SEND_LIMIT_MS);
    await silent.reaches({ failed: 2 }, 15_000);
    const errors = (await silent.deliveries()).map(({ lastError }) => lastError);
    expect(new Set(errors)).toEqual(new Set(["no answer within 10 s"]));
    // At most two requests were under way. The messages that waited failed with them and were not sent.
    expect(silent.receiver.taken.length).toBe(2);
  });

  test("that answers without end is taken at its word and not listened to", async () => {
    const story = await Story.begin(MANNERS.endless);
    await story.move(4);
    await story.reaches({ delivered: 4, pending: 0 });
  });
});

test("a receiver that hangs does not make verdicts late", async () => {
  const story = await Story.begin(MANNERS.silent);
  const tooks: number[] = [];
  for (let time = 0; time < 10; time++) {
    const begin = performance.now();
    await story.move();
    tooks.push(performance.now() - begin);
  }
  // No change of a verdict waited for the answer that never comes.
  expect(Math.max(...tooks)).toBeLessThan(SEND_LIMIT_MS);
});

const KILLS = 8;
const MOVES = 12;

test(`the detector's death at ${KILLS} moments loses no message, and doubles none but under its own id`, async () => {
  const story = await Story.begin();
  // The receiver is slow enough that many messages are under way when the detector dies.
  story.receiver.manner = (answer, taken, request) =>
    void setTimeout(() => MANNERS.ok(answer, taken, request), 40);
  for (let kill = 0; kill < KILLS; kill++) {
    const moving = story.move(MOVES).catch(() => undefined);
    const before = story.receiver.taken.length;
    await until(() => story.receiver.taken.length > before + kill, {
      withinMs: SOON_MS,
      everyMs: 5,
      explain: () => "nothing arrived",
    });
    await detector.kill();
    await moving;
    await detector.restart();
  }
  // The watchdog wakes the object in its next round, within a minute of the last one.
  await story.move();
  await story.reaches({ pending: 0, dead: 0 }, 30_000);
  const history = await detector.api.history(story.key);
  const byId = new Map<string, string>();
  for (const { id, body } of story.receiver.taken) {
    expect(byId.get(id) ?? body, "one id, one message").toBe(body);
    byId.set(id, body);
  }
  expect(byId.size).toBe(new Set(byId.values()).size);
  // The first transition is the target's creation, from before the webhook.
  const told = history.map(({ sequence }) => sequence).filter((sequence) => sequence > 1);
  expect([...new Set(story.receiver.sequences)].toSorted((a, b) => b - a)).toEqual(told);
  expect(told.length).toBeGreaterThan(KILLS);
  story.receiver.verified(story.secret, story.receiver.taken.slice(-MOVES));
});
