import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { sign } from "../../src/webhooks/sign.ts";
import { runs } from "../runs.ts";

const secretOf = (bytes: Uint8Array): string => `whsec_${Buffer.from(bytes).toString("base64")}`;
const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(secretOf);
const ids = fc.stringMatching(/^msg-\d{1,3}-\d{1,6}-\d{1,3}$/);

const headers = (id: string, timestamp: number, signature: string) => ({
  "webhook-id": id,
  "webhook-timestamp": String(timestamp),
  "webhook-signature": signature,
});

test("what is signed is accepted by the reference implementation, whatever the secret, id and body", () =>
  fc.assert(
    fc.asyncProperty(secrets, ids, fc.json(), async (secret, id, body) => {
      const timestamp = Math.floor(Date.now() / 1_000);
      const signature = await sign([secret], id, timestamp, body);
      expect(new Webhook(secret).verify(body, headers(id, timestamp, signature))).toEqual(JSON.parse(body));
    }),
    { numRuns: runs(50) },
  ));

test("under rotation each of the secrets verifies alone, and a stranger's does not", async () => {
  const [newest = "", oldest = "", stranger = ""] = [1, 2, 3].map((fill) =>
    secretOf(new Uint8Array(32).fill(fill)),
  );
  const timestamp = Math.floor(Date.now() / 1_000);
  const signature = await sign([newest, oldest], "msg-0-1-0", timestamp, "{}");
  expect(signature).toMatch(/^v1,\S+ v1,\S+$/);
  const sent = headers("msg-0-1-0", timestamp, signature);
  for (const secret of [newest, oldest]) expect(new Webhook(secret).verify("{}", sent)).toEqual({});
  expect(() => new Webhook(stranger).verify("{}", sent)).toThrow("No matching signature");
});

test("a changed id, timestamp or body is not accepted", async () => {
  const secret = secretOf(new Uint8Array(24).fill(7));
  const timestamp = Math.floor(Date.now() / 1_000);
  const signature = await sign([secret], "msg-0-1-0", timestamp, '{"a":1}');
  const verifier = new Webhook(secret);
  expect(() => verifier.verify('{"a":1}', headers("msg-0-1-1", timestamp, signature))).toThrow();
  expect(() => verifier.verify('{"a":1}', headers("msg-0-1-0", timestamp - 1, signature))).toThrow();
  expect(() => verifier.verify('{"a":2}', headers("msg-0-1-0", timestamp, signature))).toThrow();
});
