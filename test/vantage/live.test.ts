import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { coloIn } from "../../src/colo.ts";
import { Vantage } from "../../src/vantage/vantage-object.ts";
import { livePorts } from "../../src/vantage/workers-ports.ts";
import { assignedTarget, assignmentOf } from "../schedule/assigned.ts";
import { ScriptedNetwork } from "../schedule/scripted-network.ts";
import { FakeAggregator } from "./world.ts";

// Real clock, real alarms, real probers. Only the aggregator is fake; other files test the real one.
const open = (name: string, network?: ScriptedNetwork) => {
  const aggregator = new FakeAggregator();
  Vantage.ports = (bindings, exports) => {
    const ports = { ...livePorts(bindings, exports), aggregator: () => aggregator };
    return network === undefined ? ports : { ...ports, start: network.start };
  };
  const stub = () => env.VANTAGE.get(env.VANTAGE.idFromName(name)) as unknown as DurableObjectStub<Vantage>;
  return { aggregator, stub };
};

const nobody = () => Promise.reject(new Error("nobody"));
const NO_EXPORTS = { Prober: { crew: nobody, lookUp: nobody } };
const soon = { timeout: 15_000, interval: 50 };

describe("a vantage by the real clock", () => {
  const opened: (() => DurableObjectStub<Vantage>)[] = [];
  afterEach(async () => {
    for (const stub of opened.splice(0)) await stub().configure(assignmentOf([], { version: 99 }));
  });

  it("fires its own alarm and finds by the real prober that nobody listens on a loopback port", async () => {
    const { stub, aggregator } = open("real");
    opened.push(stub);
    const url = "tcp://127.0.0.1:9";
    await stub().configure(assignmentOf([assignedTarget("db-1", { url, timeoutMs: 1_000 })]));
    await expect.poll(() => aggregator.seen, soon).toEqual(["db-1 refused"]);
    expect(aggregator.taken[0]).not.toHaveProperty("colo");
    expect((await stub().configure(assignmentOf([]))).armed).toBe(true);
  });

  it("whose instance dies while probing has its alarm fired again by the platform", async () => {
    const clock = livePorts(env, NO_EXPORTS).clock;
    const network = new ScriptedNetwork(clock);
    const { stub, aggregator } = open("dying", network);
    opened.push(stub);
    network.setAll({ answersAfterMs: 500 });
    await stub().configure(assignmentOf([assignedTarget("db-1", { intervalMs: 3_600_000 })]));
    await expect.poll(() => network.started.length, soon).toBe(1);
    await abortAllDurableObjects();
    await expect.poll(() => aggregator.seen, soon).toEqual(["db-1 ok"]);
    expect(network.started.length).toBe(2);
  });
});

describe("the colo", () => {
  it("is read from the trace, and absent where the trace does not name one", () => {
    expect(coloIn("fl=1\nip=192.0.2.1\ncolo=FRA\nsliver=none\n")).toBe("FRA");
    expect(coloIn("fl=1\ncolour=FRA\n")).toBeUndefined();
    expect(coloIn("<html>colo=FRAME</html>")).toBeUndefined();
  });

  it("is never asked for where private targets are allowed", async () => {
    expect(env.ALLOW_PRIVATE).toBe("true");
    expect(await livePorts(env, NO_EXPORTS).readColo()).toBeUndefined();
  });
});
