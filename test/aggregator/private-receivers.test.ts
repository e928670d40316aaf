import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { abortAllDurableObjects } from "cloudflare:test";
import { Aggregator } from "../../src/aggregator/aggregator-object.ts";
import { sendingBy } from "../../src/webhooks/delivery/public-sender.ts";
import { MAX_ATTEMPTS } from "../../src/webhooks/gap.ts";
import { rpc } from "./scene.ts";
import { deliveries, hook, HOUR, pass, receiver, settled, setTheStage } from "./webhook-stage.ts";

const PUBLIC = ["93.184.215.14", "2606:4700::1111"];
const PRIVATE = [
  "10.1.2.3",
  "127.0.0.1",
  "169.254.169.254",
  "192.168.0.7",
  "::1",
  "fd00::7",
  "::ffff:10.0.0.1",
];
const REFUSED = /^not sent: it leads to a private place.*ALLOW_PRIVATE/;
const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;

setTheStage();

describe("where private places are not allowed a message", () => {
  const { sending } = Aggregator;
  let addresses: string[] = PUBLIC;
  beforeEach(async () => {
    addresses = PUBLIC;
    Aggregator.sending = () => sendingBy({ allowPrivate: false }, async () => addresses);
    await abortAllDurableObjects();
  });
  afterEach(() => {
    Aggregator.sending = sending;
  });

  it("is sent while its receiver's name leads to public ones alone, then never, and on replay once it does again", async () => {
    await hook();
    await rpc().testWebhook("ops", "one");
    await settled({ delivered: 1 });
    await pass(HOUR);
    addresses = ["93.184.215.14", "10.0.0.7"];
    const refused = await rpc().testWebhook("ops", "two");
    await pass(48 * HOUR);
    await settled({ delivered: 1, pending: 0, dead: 1 });
    expect(receiver.requests).toHaveLength(1);
    // The webhook is tried exactly as often as any receiver that is down.
    const [row] = await deliveries();
    expect(row).toMatchObject({
      state: "dead",
      attempts: MAX_ATTEMPTS,
      lastStatus: null,
      lastError: expect.stringMatching(REFUSED),
    });
    addresses = PUBLIC;
    await pass(HOUR);
    expect((await rpc().replayDelivery("ops", refused.ok ? refused.value : "")).ok).toBe(true);
    await settled({ delivered: 2, pending: 0, dead: 0 });
    expect(receiver.requests).toHaveLength(2);
  });

  it("goes nowhere in 1,500 of 1,500 tries where the name, or the address, is a private one, is not known or is none", async () => {
    let tries = 0;
    const told = fc.oneof(
      fc
        .tuple(fc.subarray(PUBLIC), fc.constantFrom(...PRIVATE), fc.subarray(PUBLIC))
        .map(([before, one, after]) => ({ host: "hook.example", answer: [...before, one, ...after] })),
      fc
        .constantFrom(...PRIVATE)
        .map((one) => ({ host: one.includes(":") ? `[${one}]` : one, answer: PUBLIC })),
      fc.constantFrom<string[] | null>(null, []).map((answer) => ({ host: "hook.example", answer })),
      fc
        .constantFrom("localhost", "db", "a.internal", "2130706433", "0x7f.1", "127.1", "0177.0.0.1")
        .map((host) => ({ host, answer: PUBLIC })),
    );
    await fc.assert(
      fc.asyncProperty(told, async ({ host, answer }) => {
        tries += 1;
        const send = sendingBy({ allowPrivate: false }, () =>
          answer === null ? Promise.reject(new Error("no name server")) : Promise.resolve(answer),
        );
        const letter = { url: `https://${host}/in`, id: "msg-0-1-0", body: "{}", secrets: [SECRET] };
        const outcome = await send(letter, 0);
        expect(outcome).toMatchObject({ kind: "failed", status: null, isEndpoint: true });
        expect(outcome).toHaveProperty("error", expect.stringMatching(/^not sent: it/));
      }),
      { numRuns: 1_500 },
    );
    expect(tries).toBe(1_500);
    expect(receiver.requests).toEqual([]);
  });
});
