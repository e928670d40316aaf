import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import { dead, FakeDetector, MOODS } from "../fake-detector.ts";
import { Running } from "../running.ts";

let api: FakeDetector;
let run: Running | undefined;
let port: number;

beforeEach(async () => {
  [api, port] = [await FakeDetector.start(), await freePort()];
});
afterEach(async () => {
  run?.endGroup();
  await run?.ended;
  run = undefined;
  await api.vanish();
});

const start = async (args: string[] = []): Promise<Running> => {
  const pace = args.includes("--every-ms") ? [] : ["--every-ms", "200"];
  run = new Running(["haproxy-agent", "--listen", `127.0.0.1:${port}`, ...pace, ...args], api.environment);
  await run.logged("started");
  return run;
};

/** The agent's answer to `text`, once it has closed the connection. `then` runs before the client does anything more. */
const say = (text: string, then: (socket: Socket) => void = () => undefined): Promise<string> =>
  new Promise((resolve) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () => {
      if (text !== "") socket.write(text);
      then(socket);
    });
    socket.setEncoding("utf8").on("data", (chunk: string) => (heard += chunk));
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(heard));
  });

const hears = (line: string): Promise<unknown> =>
  until(async () => (await say("fra/web-1\n")) === line, {
    withinMs: 10_000,
    everyMs: 20,
    explain: async () => `the agent says ${JSON.stringify(await say("fra/web-1\n"))}, not ${line}`,
  });

const UP = "ready up 100% #alive seq=7\n";
const DOWN = "ready down 100% #node_dead seq=42\n";

describe("parallax haproxy-agent", () => {
  it("says by one line what a target is to be, and closes", async () => {
    api.set("fra/web-1");
    api.set("fra/web-2", dead());
    await start();
    await hears(UP);
    expect(await say("fra/web-2\r\n")).toBe(DOWN);
    api.set("fra/web-1", dead());
    await hears(DOWN);
    api.set("fra/web-1", { sequence: 43 });
    await hears("ready up 100% #alive seq=43\n");
  });

  it("asks the detector once however many checks it answers", async () => {
    api.set("fra/web-1");
    await start(["--every-ms", "60000"]);
    await hears(UP);
    await Promise.all(Array.from({ length: 200 }, () => say("fra/web-1\n")));
    expect(api.asked.map(({ path }) => path)).toEqual(["/v1/verdicts"]);
  });

  it("changes nothing before it knows anything, and for what nobody knows", async () => {
    api.mood = "500";
    const { events } = { events: (await start()).events.bind(run) };
    expect(await say("fra/web-1\n")).toBe("\n");
    api.mood = "fine";
    api.set("fra/web-1");
    await hears(UP);
    expect(await say("fra/web-9\n")).toBe("\n");
    expect(await say("fra/web-9\n")).toBe("\n");
    expect(await say("GET / HTTP/1.0\r\n\r\n")).toBe("\n");
    expect(await say("__proto__\n")).toBe("\n");
    await until(() => events("unknown-target").length === 3, {
      withinMs: 5_000,
      explain: () => "told otherwise than once each",
    });
  });

  it.each(MOODS)("repeats what it knew for a while when the detector is %s", async (mood) => {
    api.set("fra/web-1", dead());
    await start(["--hold-ms", "600000"]);
    await hears(DOWN);
    api.mood = mood;
    const before = api.asked.length;
    await until(() => api.asked.length > before, { withinMs: 5_000, explain: () => "it asks no more" });
    expect(await say("fra/web-1\n")).toBe(DOWN);
  });

  it.each(MOODS)("changes nothing once what it knew is too old, when the detector is %s", async (mood) => {
    api.set("fra/web-1", dead());
    await start(["--hold-ms", "0"]);
    await hears(DOWN);
    api.mood = mood;
    await hears("\n");
  });

  it("goes on once the detector is back", async () => {
    api.set("fra/web-1");
    await start(["--hold-ms", "0"]);
    await hears(UP);
    await api.vanish();
    await hears("\n");
    api.set("fra/web-1", dead());
    await api.appear();
    await hears(DOWN);
  });

  it("takes a name without a line's end, and one from a client that closes its half", async () => {
    api.set("fra/web-1");
    await start();
    await hears(UP);
    expect(await say("fra/web-1")).toBe(UP);
    expect(await say("fra/web-1", (socket) => socket.end())).toBe(UP);
    expect(await say("fra/we", (socket) => setImmediate(() => socket.write("b-1\n")))).toBe(UP);
  });

  it("closes on those who say nothing, say too much, or break off, and goes on", async () => {
    api.set("fra/web-1");
    await start();
    await hears(UP);
    expect(await say("")).toBe("");
    expect(await say("x".repeat(100_000))).toBe("");
    await say("fra/web-1\n", (socket) => socket.resetAndDestroy());
    expect(await say("fra/web-1\n")).toBe(UP);
  });

  it("reads one site alone where it is told to", async () => {
    api.set("fra/web-1");
    await start(["--site", "fra"]);
    await hears(UP);
    expect(api.asked[0]?.path).toBe("/v1/verdicts?site=fra");
  });

  it("takes gray and partitions as it is told", async () => {
    api.set("fra/web-1", { verdict: "gray" });
    await start(["--gray", "50%", "--partition", "drain"]);
    await hears("ready up 50% #gray seq=7\n");
    api.set("fra/web-1", { verdict: "partitioned" });
    await hears("drain up 100% #partitioned seq=7\n");
  });

  it("exits 0 when it is told to stop, and 1 where it cannot listen", async () => {
    const first = await start();
    const second = new Running(["haproxy-agent", "--listen", `127.0.0.1:${port}`], api.environment);
    expect(await second.ended).toBe(1);
    expect(second.events("cannot-listen")).toHaveLength(1);
    expect(await first.end("SIGTERM")).toBe(0);
  });

  it.each([
    [["--listen", "9707"], "--listen"],
    [["--listen", "127.0.0.1:0"], "--listen"],
    [["--gray", "0%"], "--gray"],
    [["--partition", "gone"], "--partition"],
    [["--site", "FRA"], "--site"],
    [["fra/web-1"], "fra/web-1"],
  ])("exits 2 for %j", async (args, said) => {
    const bad = new Running(["haproxy-agent", ...args], api.environment);
    expect(await bad.ended).toBe(2);
    expect(bad.stderr).toContain(said);
  });
});
