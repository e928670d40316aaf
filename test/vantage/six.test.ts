import { afterAll, expect, inject, it } from "vitest";
import "../probe/provided.ts";
import { env } from "cloudflare:workers";
import { Vantage } from "../../src/vantage/vantage-object.ts";
import { livePorts } from "../../src/vantage/workers-ports.ts";
import { Prober } from "../../src/vantage/prober.ts";
import { assignedTarget, assignmentOf } from "../schedule/assigned.ts";
import { FakeAggregator } from "./world.ts";
import { fakeDial, silentFetch } from "../probe/fakes.ts";
import type { Socket } from "../../src/probe/socket.ts";
import { decodeReading } from "../../src/domain/reading.ts";
import type { AggregatorRpc } from "../../src/domain/rpc.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";

const ports = inject("ports");
const SIX = 6;
const { means } = Prober;

afterAll(() => {
  Prober.means = means;
});

/**
 * Adds a limit of Cloudflare's network that workerd alone does not have: an invocation has six connections, a dial that was given up on
 * keeps its place until it ends, and a seventh connection queues silently. Counts the connections that would have queued.
 */
const enforceSix = (network = means) => {
  const seen = { invocations: 0, queued: 0, most: 0 };
  Prober.means = () => {
    seen.invocations += 1;
    let held = 0;
    const enter = (): (() => void) => {
      held += 1;
      seen.most = Math.max(seen.most, held);
      if (held > SIX) seen.queued += 1;
      let isHeld = true;
      return () => {
        if (isHeld) held -= 1;
        isHeld = false;
      };
    };
    const { dial, fetch } = network();
    return {
      dial: (address) => {
        const leave = enter();
        const socket = dial(address);
        // A place becomes free when the socket has closed, not when it is asked to.
        socket.opened.catch(leave);
        socket.closed.then(leave, leave);
        return socket;
      },
      fetch: async (url, init) => {
        const leave = enter();
        return fetch(url, init).finally(leave);
      },
    };
  };
  return seen;
};

it("with 20 of 32 hosts silent no connection queues, and every healthy target is served in every round", async () => {
  const seen = enforceSix();
  const aggregator = new FakeAggregator();
  Vantage.ports = (bindings, exports) => ({ ...livePorts(bindings, exports), aggregator: () => aggregator });
  const stub = env.VANTAGE.get(env.VANTAGE.idFromName("six")) as unknown as DurableObjectStub<Vantage>;
  const target = (behaviour: string, scheme: string, index: number) =>
    assignedTarget(`${behaviour}-${index}`, {
      site: `${behaviour}-${index % 4}`,
      url: `${scheme}:${ports[behaviour] ?? 0}`,
      intervalMs: 5_000,
      // A silent target holds places for less than half of the interval. A healthy one may use all of it, however busy the machine is.
      timeoutMs: behaviour === "ok" ? 4_900 : 2_000,
    });
  const targets = [
    ...Array.from({ length: 10 }, (_, index) => target("full", "tcp://127.0.0.1", index)),
    ...Array.from({ length: 10 }, (_, index) => target("full", "http://localhost", 10 + index)),
    ...Array.from({ length: 6 }, (_, index) => target("ok", "http://127.0.0.1", index)),
    ...Array.from({ length: 6 }, (_, index) => target("ok", "http://localhost", 6 + index)),
  ];
  await stub.configure(assignmentOf(targets));
  const outcomes = (name: string): string[] =>
    aggregator.taken.flatMap(({ observations }) =>
      observations.filter((one) => one.target.startsWith(`${name}-`)).map(({ outcome }) => outcome),
    );
  const rounds = 3;
  await expect
    .poll(() => outcomes("ok").length >= rounds * 12 && outcomes("full").includes("connect_timeout"), {
      timeout: 40_000,
      interval: 100,
    })
    .toBe(true);
  await stub.configure(assignmentOf([], { version: 99 }));
  // On a busy machine a real listener may answer late, which is not what this test is about.
  const late = new Set(["pending", "connect_timeout", "response_timeout"]);
  expect(new Set(outcomes("ok").filter((outcome) => !late.has(outcome)))).toEqual(new Set(["ok"]));
  expect(outcomes("full")).not.toContain("blocked");
  const looks = aggregator.taken
    .flatMap(({ observations }) => observations)
    .filter(({ outcome }) => outcome === "ok");
  for (const { target: name } of targets.slice(20))
    expect(looks.filter((look) => look.target === name).length).toBeGreaterThanOrEqual(rounds);
  expect(seen).toMatchObject({ queued: 0 });
  expect(seen.most).toBeLessThanOrEqual(SIX);
});

/** A port where no connection opens. The other port serves every connection at once. */
const FULL_PORT = 81;

/** A connection that is served at once, and has closed as soon as it is asked to. */
const served = (): Socket => {
  const { dial } = fakeDial(() => "serves");
  const socket = dial({ host: "localhost", port: 80, tls: false });
  let close = (): void => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  return { ...socket, closed, close };
};

/**
 * A network for the test in which all vantages look at all targets from one process. Real listeners would be late there on a busy machine,
 * and that is evidence against a node. Here a healthy target answers before any timer can ring, and a silent one stays silent.
 */
const scripted: typeof means = () => ({
  dial: (address) => (address.port === FULL_PORT ? fakeDial(() => "drops").dial(address) : served()),
  fetch: (url, init) =>
    new URL(url).port === String(FULL_PORT) ? silentFetch(url, init) : Promise.resolve(new Response("ok")),
});

it("nor is a healthy one held for unknown, or a vantage for suspect, by all vantages and the real aggregator", async () => {
  const seen = enforceSix(scripted);
  Vantage.ports = livePorts;
  const aggregator = env.AGGREGATOR.get(env.AGGREGATOR.idFromName("0")) as unknown as AggregatorRpc;
  const put = async (behaviour: string, count: number): Promise<[site: string, target: string][]> => {
    const made: [string, string][] = [];
    for (let index = 0; index < count; index++) {
      const host = index % 2 === 0 ? "tcp://127.0.0.1" : "http://localhost";
      const url = behaviour === "ok" ? `${host.replace("tcp", "http")}:80` : `${host}:${FULL_PORT}`;
      const target = TargetSchema.parse({ url, intervalMs: 5_000, timeoutMs: 2_000 });
      const at: [string, string] = [`site-${index % 4}`, `${behaviour}-${index}`];
      expect(await aggregator.putTarget(...at, completeTarget(target), null)).toMatchObject({ ok: true });
      made.push(at);
    }
    return made;
  };
  const healthy = await put("ok", 12);
  const silent = await put("full", 20);
  const verdictOf = async ([site, target]: [string, string]): Promise<string> => {
    const text = await aggregator.read(site, target);
    return text === null ? "gone" : (JSON.parse(decodeReading(text).json) as { verdict: string }).verdict;
  };
  const verdicts = async (of: [string, string][]) => [...new Set(await Promise.all(of.map(verdictOf)))];
  await expect.poll(() => verdicts(healthy), { timeout: 60_000, interval: 100 }).toEqual(["alive"]);
  const wrong = new Set<string>();
  const rounds = 12;
  const look = async (): Promise<number> => {
    const known = await aggregator.listVantages();
    for (const { id, state } of known) if (state !== "sound") wrong.add(`${id} is ${state}`);
    for (const verdict of await verdicts(healthy)) if (verdict !== "alive") wrong.add(`one is ${verdict}`);
    return Math.min(...known.map(({ counts }) => counts.reports));
  };
  await expect.poll(look, { timeout: 60_000, interval: 200 }).toBeGreaterThanOrEqual(rounds);
  expect([...wrong]).toEqual([]);
  expect(await verdicts(silent)).not.toContain("alive");
  for (const at of [...healthy, ...silent]) await aggregator.deleteTarget(...at, null);
  expect(seen).toMatchObject({ queued: 0 });
});
