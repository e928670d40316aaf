import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import { ask as load } from "../../harness/bench/load.ts";
import { Workerd } from "../../harness/bench/workerd.ts";

const HOT_MS = 10_000;
let port: number;
let workerd: Workerd;

beforeAll(async () => {
  port = await freePort();
  workerd = await Workerd.start([
    {
      name: "detector",
      port,
      entry: new URL("../worker/slow-reads.ts", import.meta.url),
      objects: { AGGREGATOR: "SlowAggregator" },
      vars: {
        VANTAGES: "weur,wnam,enam",
        SHARDS: "1",
        AGGREGATOR_HINT: "weur",
        ADMIN_TOKEN: "a",
        READ_TOKEN: "local-read",
      },
    },
  ]);
});
afterAll(async () => {
  await workerd.stop();
});

const headers = { Authorization: "Bearer local-read" };
const pathOf = (target: string, kind: string) => `/v1/sites/fra/targets/${target}/${kind}`;
const ask = (target: string, kind = "verdict") =>
  fetch(`http://127.0.0.1:${port}${pathOf(target, kind)}`, { headers });

const timed = async (asked: Promise<Response>) => {
  const began = performance.now();
  const answer = await asked;
  return { status: answer.status, text: await answer.text(), ms: performance.now() - began };
};

const asked = async (target: string): Promise<number> => {
  const counts = await fetch(`http://127.0.0.1:${port}/asked`);
  return ((await counts.json()) as Record<string, number>)[target] ?? 0;
};

/** A client that goes away without an answer as soon as its request has reached the aggregator. */
const askAndGo = async (target: string): Promise<void> => {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const before = await asked(target);
  socket.write(
    `GET ${pathOf(target, "verdict")} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer local-read\r\n\r\n`,
  );
  await until(async () => (await asked(target)) > before, {
    withinMs: 5_000,
    everyMs: 5,
    explain: () => "the aggregator was not asked",
  });
  socket.resetAndDestroy();
};

describe("in a real workerd, requests that share a call of another's", () => {
  it("are all answered by it, each in its own time", async () => {
    const answers = await Promise.all(Array.from({ length: 64 }, () => timed(ask("slow-150"))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await asked("slow-150")).toBeLessThanOrEqual(2);
  });

  it("are answered although the client that made the call has gone away", async () => {
    await askAndGo("slow-200");
    const answers = await Promise.all(Array.from({ length: 32 }, () => timed(ask("slow-200"))));
    // A client that waits in vain for a second gets 503.
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    // The cancelled call gave no answer. The API made one more call for all clients, and not one each.
    const calls = await asked("slow-200");
    expect(calls).toBeGreaterThan(1);
    expect(calls).toBeLessThanOrEqual(3);
  });

  it("are answered although one client after another goes away", async () => {
    for (let round = 0; round < 5; round++) {
      await askAndGo("slow-100");
      const answers = await Promise.all(["verdict", "up"].map((kind) => timed(ask("slow-100", kind))));
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    }
  });

  it("wait for a silent aggregator a second each, and /failover asks by itself", async () => {
    const kinds = ["verdict", "verdict", "up", "failover", "avoid"];
    const answers = await Promise.all(kinds.map((kind) => timed(ask("slow-60000", kind))));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200, 409, 409]);
    for (const { ms } of answers) expect(ms).toBeGreaterThan(900);
    expect(await asked("slow-60000")).toBeGreaterThanOrEqual(3);
  });

  // A request cannot be answered with an object that another request made. The error only appeared once the code had become hot.
  it("are answered each in its own request, tens of thousands of them", async () => {
    const questions = ["verdict", "up"].map((kind) => ({
      port,
      path: pathOf("slow-0", kind),
      token: "local-read",
      status: 200,
    }));
    const { answers } = await load(questions, 32, HOT_MS);
    expect(answers).toBeGreaterThan(HOT_MS / 10);
    expect(await asked("slow-0")).toBeLessThan(answers);
  });

  it("go on undisturbed afterwards", async () => {
    expect((await ask("slow-0")).status).toBe(200);
    expect((await ask("slow-200")).status).toBe(200);
  });
});
