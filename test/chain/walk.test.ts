import { execFile } from "node:child_process";
import { mkdtempSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import { Client } from "../../src/client/client.ts";
import type { TransitionData } from "../../src/domain/webhook.ts";
import { NodeProcess } from "../../harness/nodes/process.ts";
import { openWitness } from "../../harness/nodes/witness.ts";
import { ProgramProcess } from "./program.ts";
import { HttpReceiver } from "./receiver.ts";
import { startDetector, stopDetector } from "./scene.ts";

let detector: Detector;
const folder = mkdtempSync(join(tmpdir(), "parallax-consumer-"));
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  detector = await startDetector();
});
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});
afterAll(async () => {
  await stopDetector(detector);
  rmSync(folder, { recursive: true, force: true });
});

const environment = (token: string): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  PARALLAX_URL: detector.api.url,
  PARALLAX_TOKEN: token,
});

const run = (args: string[], token = "local-read"): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const line = [inject("program"), ...args];
    const child = execFile(process.execPath, line, { env: environment(token) }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });

const start = (args: string[]): ProgramProcess => {
  const program = new ProgramProcess(args, environment("local-read"));
  ends.push(() => program.stop());
  return program;
};

const told = async (port: number, name: string): Promise<string> => {
  const socket = connect(port, "127.0.0.1");
  socket.end(`${name}\n`);
  return text(socket).catch(() => "");
};

const sees = (what: string, look: () => boolean | Promise<boolean>, within = 40_000): Promise<unknown> =>
  until(look, { withinMs: within, everyMs: 200, explain: () => `never came: ${what}` });

/** Follows the stream of events: `ready` resolves once it is connected, `crash` with its first crash. */
const crashesOf = (client: Client): { ready: Promise<unknown>; crash: Promise<TransitionData> } => {
  let stands: (value?: unknown) => void;
  const ready = new Promise((resolve) => (stands = resolve));
  const follow = async (): Promise<TransitionData> => {
    for await (const event of client.events({ site: "fra" })) {
      if (event.kind === "ready") stands();
      if (event.kind === "trouble") throw new Error(event.called.detail);
      if (event.kind === "transition" && event.data.transition.to === "process_crashed") return event.data;
    }
    throw new Error("the stream is over");
  };
  return { ready, crash: follow() };
};

/** A webhook of site fra; returns the secret that signs its messages. */
const webhookTo = async (receiver: HttpReceiver): Promise<string> => {
  ends.push(() => receiver.down());
  const body = { url: receiver.url, sites: ["fra"] };
  const { status, text: said } = await detector.api.ask("/v1/webhooks/walk", { method: "PUT", body });
  expect(status).toBe(201);
  return (JSON.parse(said) as { secret: string }).secret;
};

const verdictsTold = (receiver: HttpReceiver, target: string): string[] =>
  receiver.taken.flatMap(({ message }) =>
    message.type === "transition" && message.data.target === target ? [message.data.transition.to] : [],
  );

test("every command follows a real node from its first day through its crash and back, and moves nothing while the detector hangs", async () => {
  const [one, two, ...witnesses] = await Promise.all([
    NodeProcess.start({ host: "127.0.0.2" }),
    NodeProcess.start({ host: "127.0.0.3" }),
    openWitness("127.0.0.2"),
    openWitness("127.0.0.3"),
  ]);
  ends.push(...[one, two].map((node) => () => node.stop()), ...witnesses.map(({ close }) => close));
  const file = join(folder, "targets.yaml");
  // The gate opens as soon as the crash is confirmed. Other tests show that it otherwise waits for a restart.
  const fields = "intervalMs: 5000, timeoutMs: 2000, headers: {x-key: a}, policy: {restartGraceMs: 0}";
  const target = ({ url }: NodeProcess, at: number): string =>
    `    db-${at + 1}: {url: "${url}", witness: "${witnesses[at]?.url}", ${fields}}\n`;
  writeFileSync(file, `sites:\n  fra:\n${[one, two].map(target).join("")}`);
  expect((await run(["apply", file], "local-admin")).code).toBe(5);
  expect(await run(["apply", file, "--yes"], "local-admin")).toMatchObject({ code: 0 });
  expect(await run(["apply", file], "local-admin")).toMatchObject({
    code: 0,
    said: expect.stringContaining("Nothing"),
  });
  expect((await run(["apply", file, "--yes", "--send-secrets"])).code).toBe(3);

  const port = await freePort();
  const states = join(folder, "states");
  const gate = ["gate", "fra/db-1", "--state", join(folder, "gate")];
  start(["haproxy-agent", "--listen", `127.0.0.1:${port}`]);
  start(["export-gdnsd", "--out", states, "--every-ms", "1000"]);
  const watching = start(["watch", "--every-ms", "500"]);
  // On a busy machine the writer may not have started yet.
  const stateOf = (host: string): string =>
    new RegExp(`^${host} => (.*)$`, "m").exec(existsSync(states) ? readFileSync(states, "utf8") : "")?.[1] ??
    "";

  await sees("db-1 alive", async () => (await run(["check", "fra/db-1"])).code === 0);
  await sees("db-1 ready", async () => (await told(port, "fra/db-1")).startsWith("ready up 100% #alive"));
  expect(await run(["check", "fra/db-1", "--binary"])).toMatchObject({ code: 0 });
  expect(await run(gate)).toMatchObject({ code: 1, said: expect.stringContaining("not advised") });
  await sees("db-1 UP", () => stateOf("127.0.0.2") === "UP");

  const receiver = await HttpReceiver.start();
  const secret = await webhookTo(receiver);
  const events = crashesOf(new Client(detector.api.url, "local-read"));
  await events.ready;
  await one.kill();
  const opened = await run([...gate, "--wait-ms", "15000"]);
  expect(opened.said).toMatch(/^open fra\/db-1: failover process_crashed fra\/db-1 seq=\d+ /);
  expect(opened.code).toBe(0);
  expect(await run(["check", "fra/db-1"])).toMatchObject({ code: 2 });
  expect(await run(["check", "fra/db-1", "--binary"])).toMatchObject({ code: 1 });
  expect(await run(["check", "fra/db-2"])).toMatchObject({ code: 0 });
  await sees(
    "db-1 down",
    async () => (await told(port, "fra/db-1")).startsWith("ready down 100% #process_crashed"),
    5_000,
  );
  await sees("db-1 DOWN", () => stateOf("127.0.0.2") === "DOWN", 5_000);
  expect(stateOf("127.0.0.3")).toBe("UP");
  await sees(
    "the change in a line",
    () => /fra\/db-1 process_crashed confirmed avoid failover/.test(watching.log),
    5_000,
  );
  const table = await run(["watch", "fra", "--once"]);
  expect(table.said).toMatch(/^fra\/db-1 +process_crashed confirmed .* avoid failover/m);

  const reader = new Client(detector.api.url, "local-read");
  await sees("what was told to whom", async () => {
    const called = await reader.verdict({ site: "fra", target: "db-1" });
    const by = called.kind === "ok" ? called.value.told.map((one) => `${one.check} ${one.by}`) : [];
    return by.includes("failover READ_TOKEN") && by.includes("avoid READ_TOKEN");
  });

  expect(await events.crash).toMatchObject({ site: "fra", target: "db-1", drill: null });
  await sees("the webhook's crash", () => verdictsTold(receiver, "db-1").includes("process_crashed"));

  const before = readFileSync(states, "utf8");
  detector.freeze();
  try {
    const hung = await Promise.all([
      run([...gate, "--timeout-ms", "1500"]),
      run(["check", "fra/db-1", "--binary", "--timeout-ms", "1500"]),
      run(["check", "fra/db-1", "--timeout-ms", "1500"]),
    ]);
    expect(hung.map(({ code }) => code)).toEqual([1, 0, 3]);
    await sees("the outage in a line", () => watching.log.includes("detector not reached"), 20_000);
    expect(readFileSync(states, "utf8")).toBe(before);
  } finally {
    detector.thaw();
  }

  await one.revive();
  await sees("db-1 alive again", async () => (await run(["check", "fra/db-1"])).code === 0);
  await sees("the webhook's recovery", () => verdictsTold(receiver, "db-1").at(-1) === "alive");
  expect(receiver.verified(secret)).toHaveLength(receiver.taken.length);
});
