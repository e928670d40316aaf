import { afterAll, beforeAll, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { Delivery } from "../../src/domain/webhook.ts";
import { openWitness, type WitnessPort } from "../nodes/witness.ts";
import { type Deployed, startDetector, stopDetector } from "./scene.ts";
import { TurningNameServer } from "./told.ts";

const SCHEMES = ["http", "https", "tcp", "tls", "redis", "postgres", "dns"];
/** A target is looked at every five seconds; a busy machine may take some looks. */
const WITHIN_MS = 30_000;

const names = new TurningNameServer();
let listener: WitnessPort;
let deployed: Deployed;
let detector: Detector;
beforeAll(async () => {
  listener = await openWitness();
  deployed = {
    altered: "told",
    vars: {
      VANTAGES: "weur",
      AGGREGATOR_HINT: "weur",
      ALLOW_PRIVATE: "false",
      CONTROLS: "",
      NAME_SERVER: await names.open(),
    },
  };
  detector = await startDetector(deployed);
});
afterAll(async () => {
  await stopDetector(detector);
  await listener.close();
  await names.close();
});

const urlOf = (scheme: string, name: string): string =>
  `${scheme}://${name}:${listener.port}${scheme === "dns" ? "/db.example" : ""}`;
const warned = async (scheme: string): Promise<string> =>
  (await detector.api.verdict({ site: "fra", target: scheme })).warnings.join("\n");
const deliveries = async (): Promise<Delivery[]> => {
  const { text } = await detector.api.ask("/v1/webhooks/ops/deliveries?limit=10");
  return (JSON.parse(text) as { deliveries: Delivery[] }).deliveries;
};
const all = (holds: () => Promise<boolean>): Promise<unknown> =>
  until(holds, {
    withinMs: WITHIN_MS,
    everyMs: 100,
    explain: async () => JSON.stringify([await Promise.all(SCHEMES.map(warned)), await deliveries()]),
  });

test("a name that is public when it is put, and private ever after, has nothing sent to it: no look, no witness, no message", async () => {
  for (const scheme of SCHEMES)
    await detector.api.putTarget(
      { site: "fra", target: scheme },
      {
        url: urlOf(scheme, `${scheme}.example`),
        witness: urlOf("tcp", `witness-of-${scheme}.example`),
        intervalMs: 5_000,
      },
    );
  const hook = await detector.api.ask("/v1/webhooks/ops", {
    method: "PUT",
    body: { url: urlOf("https", "hook.example") },
  });
  expect(hook.status).toBe(201);
  await detector.api.ask("/v1/webhooks/ops/test", { method: "POST" });
  await all(async () =>
    (await Promise.all(SCHEMES.map(warned))).every(
      (one) =>
        /^the last look was blocked: it leads to a private/m.test(one) &&
        /^the last look at its witness was blocked: it leads to a private/m.test(one),
    ),
  );
  await all(async () =>
    (await deliveries()).every(
      ({ lastError }) => lastError?.startsWith("not sent: it leads to a private") === true,
    ),
  );
  for (const scheme of SCHEMES)
    for (const name of [`${scheme}.example`, `witness-of-${scheme}.example`])
      expect(names.asked.get(`${name} A`), name).toBeGreaterThan(1);
  expect(listener.connections()).toBe(0);

  // The same is heard where private places are allowed: the way there is open.
  await detector.kill();
  deployed.vars = { ...deployed.vars, ALLOW_PRIVATE: "true" };
  await detector.restart();
  await all(async () => listener.connections() > SCHEMES.length);
});
