import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { DetectorApi } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import type { Delivery } from "../../src/domain/webhook.ts";
import { detectorOn } from "../../harness/bench/detector.ts";
import { Workerd } from "../../harness/bench/workerd.ts";
import { openWitness, type WitnessPort } from "../../harness/nodes/witness.ts";
import { type Deployed } from "../../harness/world/launch.ts";
import { startDetector, stopDetector } from "./scene.ts";
import { namedModules, TurningNameServer } from "../../harness/world/named.ts";

const SCHEMES = ["http", "https", "tcp", "tls", "redis", "postgres", "dns"];
/** Vantages look at a target every five seconds; a busy machine may need several looks. */
const WITHIN_MS = 30_000;

const names = new TurningNameServer();
let listener: WitnessPort;
let deployed: Deployed;
let detector: Detector;
beforeAll(async () => {
  listener = await openWitness();
  deployed = {
    altered: "named",
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
const warned = async (api: DetectorApi, scheme: string): Promise<string> =>
  (await api.verdict({ site: "fra", target: scheme })).warnings.join("\n");
const deliveries = async (api: DetectorApi): Promise<Delivery[]> => {
  const { text } = await api.ask("/v1/webhooks/ops/deliveries?limit=10");
  return (JSON.parse(text) as { deliveries: Delivery[] }).deliveries;
};
const all = (api: DetectorApi, holds: () => Promise<boolean>): Promise<unknown> =>
  until(holds, {
    withinMs: WITHIN_MS,
    everyMs: 100,
    explain: async () =>
      JSON.stringify(
        await Promise.allSettled([...SCHEMES.map((scheme) => warned(api, scheme)), deliveries(api)]),
      ),
  });

/** A target of each scheme with a witness, and a webhook. From the second look-up on, all their names lead to the listener. */
const ask = async (api: DetectorApi): Promise<void> => {
  for (const scheme of SCHEMES)
    await api.putTarget(
      { site: "fra", target: scheme },
      {
        url: urlOf(scheme, `${scheme}.example`),
        witness: urlOf("tcp", `witness-of-${scheme}.example`),
        intervalMs: 5_000,
      },
    );
  const hook = await api.ask("/v1/webhooks/ops", {
    method: "PUT",
    body: { url: urlOf("https", "hook.example") },
  });
  expect(hook.status).toBe(201);
  await api.ask("/v1/webhooks/ops/test", { method: "POST" });
};

const refused = async (api: DetectorApi): Promise<void> => {
  await all(api, async () =>
    (await Promise.all(SCHEMES.map((scheme) => warned(api, scheme)))).every(
      (one) =>
        /^the last look was blocked: it leads to a private/m.test(one) &&
        /^the last look at its witness was blocked: it leads to a private/m.test(one),
    ),
  );
  await all(api, async () =>
    (await deliveries(api)).every(
      ({ lastError }) => lastError?.startsWith("not sent: it leads to a private") === true,
    ),
  );
};

test("a name that is public when it is put, and private ever after, has nothing sent to it: no look, no witness, no message", async () => {
  await ask(detector.api);
  await refused(detector.api);
  for (const scheme of SCHEMES)
    for (const name of [`${scheme}.example`, `witness-of-${scheme}.example`])
      expect(names.asked.get(`${name} A`), name).toBeGreaterThan(1);
  expect(listener.connections()).toBe(0);

  // Where private places are allowed, the same targets reach the listener. This shows that the way there is open.
  await detector.kill();
  deployed.vars = { ...deployed.vars, ALLOW_PRIVATE: "true" };
  await detector.restart();
  await all(detector.api, async () => listener.connections() > SCHEMES.length);
  // Otherwise the detector would go on looking up these names.
  await detector.kill();
});

/** The same bundle in plain workerd, which itself allows no connection to private places. */
const onPublicNetwork = async (
  allowPrivate: string,
  play: (api: DetectorApi, workerd: Workerd) => Promise<void>,
): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), "parallax-private-"));
  const { modules } = namedModules(await readFile(inject("bundle"), "utf8"));
  for (const [name, { contents }] of Object.entries(modules)) await writeFile(join(dir, name), contents);
  const port = await freePort();
  const service = detectorOn(port, pathToFileURL(join(dir, "main.js")));
  const vars = { ...service.vars, ...deployed.vars, ALLOW_PRIVATE: allowPrivate };
  const servers = { NAMES: new URL(deployed.vars?.["NAME_SERVER"] ?? "").host };
  const workerd = await Workerd.start([{ ...service, vars, servers, isPublicOnly: true }]);
  try {
    await play(new DetectorApi(`http://127.0.0.1:${port}`), workerd);
  } finally {
    await workerd.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** The message with which workerd refuses a connection. */
const HELD_BACK = /connecting to 127\.0\.0\.1:\d+ is not allowed/;

test("nor has the runtime anything to hold back, where it lets nothing out to private places", async () => {
  names.asked.clear();
  await onPublicNetwork("false", async (api, workerd) => {
    await ask(api);
    await refused(api);
    expect(workerd.said).not.toMatch(HELD_BACK);
  });
  // workerd refuses what our own checks let through, and logs it.
  const before = listener.connections();
  await onPublicNetwork("true", async (api, workerd) => {
    await api.putTarget(
      { site: "fra", target: "tcp" },
      { url: urlOf("tcp", "127.0.0.1"), intervalMs: 5_000 },
    );
    await all(api, async () => HELD_BACK.test(workerd.said));
  });
  expect(listener.connections()).toBe(before);
});
