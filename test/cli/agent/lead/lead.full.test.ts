import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { endAtExit, signalProcess } from "../../../../scripts/children.ts";
import { LEADER } from "../../../client/group-answers.ts";
import { serviceOf } from "../stage.ts";
import { guardOf, it, note, servedUntilMs, type Stage, untilGone, untilServing } from "./stage.ts";

const LEASE_MS = 6_000;
const STRICT = { kind: "grant", epoch: 3, leaseMs: LEASE_MS, lease: "strict" } as const;
const ADVISORY = { ...STRICT, leaseMs: 1_000, lease: "advisory" } as const;
const OTHER = { ...LEADER, target: "db-2", address: "10.0.0.2", epoch: 4 };
const COMMANDS = [
  "--on-lead",
  note("lead"),
  "--on-follow",
  note("follow"),
  "--on-fence",
  note("fence"),
  "--command-limit-ms",
  "10000",
];

/** A strict leader with a service that serves and a guard that runs. */
const leading = async (stage: Stage, args = COMMANDS) => {
  stage.conductor.mind = STRICT;
  const agent = stage.run(args, stage.port);
  const service = await serviceOf(agent);
  await agent.logged("leading");
  await untilServing(stage.port);
  return { agent, service, guard: await guardOf(agent) };
};

/** The service served for no longer than the lease, counted from when the newest granted request was sent. */
const stopsInTime = async ({ conductor, port }: Stage): Promise<void> => {
  const servedMs = await servedUntilMs(port);
  expect(servedMs).toBeLessThan(conductor.grantedAtMs + LEASE_MS);
};

const FENCE_FAILS = ["--on-lead", note("lead"), "--on-fence", `${note("fence")}; exit 1`];
const FENCE_HANGS = ["--on-lead", note("lead"), "--on-fence", `${note("fence")}; exec sleep 600`];
const NO_FENCE = ["--on-lead", note("lead")];

describe("a member", { concurrent: true }, () => {
  it("follows who leads, leads when it is granted the lease, and gives way to another", async ({ stage }) => {
    const { conductor } = stage;
    conductor.mind = { kind: "refuse", leader: OTHER, detail: "fra/db-2 leads" };
    const agent = stage.run([...COMMANDS, "--position", "echo 42"]);
    expect(await stage.acted("follow")).toBe("follow 4  10.0.0.2");
    conductor.mind = { ...ADVISORY, epoch: 5 };
    expect(await stage.acted("lead")).toBe("lead 5  ");
    await agent.logged("leading");
    expect(readFileSync(join(stage.directory, "fra.db-1.db.epoch"), "utf8")).toBe("5 0\n");
    conductor.mind = { kind: "refuse", leader: { ...OTHER, epoch: 6 }, detail: "fra/db-2 leads" };
    await stage.acted("follow", 2);
    expect(stage.acts()).toEqual([
      "follow 4  10.0.0.2",
      "lead 5  ",
      "fence  superseded ",
      "follow 6  10.0.0.2",
    ]);
    expect(conductor.released).toEqual([5]);
    await conductor.until(() => conductor.heartbeats.some(({ position }) => position === 42), "a position");
    expect(await agent.end("SIGTERM")).toBe(0);
    expect(conductor.wrong).toEqual([]);
  });

  it("tells a service that is started anew beside it what it told the one before", async ({ stage }) => {
    const { conductor } = stage;
    conductor.mind = ADVISORY;
    const file = join(stage.directory, "service.pid");
    let child = spawn("sleep", ["600"]);
    const restart = (): void => {
      child.kill("SIGKILL");
      child = spawn("sleep", ["600"]);
      writeFileSync(file, `${child.pid}\n`);
    };
    const forget = endAtExit(() => child.kill("SIGKILL"));
    restart();
    const agent = stage.run([...COMMANDS, "--pid-file", file]);
    await agent.logged("leading");
    restart();
    await stage.acted("lead", 2);
    conductor.mind = { kind: "refuse", leader: OTHER, detail: "fra/db-2 leads" };
    await stage.acted("follow");
    restart();
    await stage.acted("follow", 2);
    expect(stage.acts()).toEqual([
      "lead 3  ",
      "lead 3  ",
      "fence  superseded ",
      "follow 4  10.0.0.2",
      "follow 4  10.0.0.2",
    ]);
    expect(await agent.end("SIGTERM")).toBe(0);
    child.kill("SIGKILL");
    forget();
  });

  it("goes on leading by an advisory lease through our outage", async ({ stage }) => {
    const { conductor } = stage;
    conductor.mind = ADVISORY;
    const agent = stage.run(COMMANDS);
    await agent.logged("leading");
    conductor.mind = { kind: "status", status: 503 };
    const granted = conductor.grantedAtMs;
    await conductor.until(() => (conductor.asks.at(-1)?.atMs ?? 0) > granted + 3_000, "asked for long");
    conductor.mind = ADVISORY;
    await agent.logged("lease-answered");
    expect(stage.acts()).toEqual(["lead 3  "]);
    // An agent that ends leaves the service as it is.
    expect(await agent.end("SIGTERM")).toBe(0);
    expect(stage.acts()).toEqual(["lead 3  "]);
    expect(conductor.released).toEqual([]);
  });

  it("stops for a planned change, and says that it has", async ({ stage }) => {
    const { conductor } = stage;
    conductor.mind = ADVISORY;
    const agent = stage.run(COMMANDS);
    await agent.logged("leading");
    conductor.mind = { kind: "refuse", leader: { ...LEADER }, detail: "fra/db-2 is to lead: works" };
    await conductor.until(() => conductor.released.length > 0, "released");
    expect(stage.acts()).toEqual(["lead 3  ", "fence  switch "]);
    conductor.mind = { kind: "refuse", leader: OTHER, detail: "fra/db-2 leads" };
    expect(await stage.acted("follow")).toContain("10.0.0.2");
  });

  it("that cannot be made to lead is fenced and gives the lease back", async ({ stage }) => {
    const { conductor } = stage;
    conductor.mind = ADVISORY;
    const agent = stage.run(["--on-lead", "exit 7", "--on-fence", note("fence")]);
    await conductor.until(() => conductor.released.length > 0, "released");
    expect(agent.events("not-led")).toMatchObject([{ reason: expect.stringContaining("ended with 7") }]);
    expect(stage.acts()).toEqual(["fence  failed "]);
    expect(agent.events("leading")).toEqual([]);
  });

  it("never leads by an epoch older than one it has seen", async ({ stage }) => {
    const { conductor } = stage;
    writeFileSync(join(stage.directory, "fra.db-1.db.epoch"), "9 0\n");
    conductor.mind = ADVISORY;
    const agent = stage.run(COMMANDS);
    await agent.logged("epoch-older");
    await conductor.until(() => conductor.asks.length > 2, "asked again");
    conductor.mind = { ...ADVISORY, epoch: 9 };
    await agent.logged("leading");
    expect(stage.acts()).toEqual(["lead 9  "]);
  });

  it("waits for the guard of an agent that was killed before it", async ({ stage }) => {
    stage.conductor.mind = STRICT;
    const slow = [
      "--on-lead",
      note("lead"),
      "--on-fence",
      `until [ -e "$DIRECTORY/go" ]; do sleep 0.05; done; ${note("fence")}`,
    ];
    const first = stage.run(slow);
    await first.logged("leading");
    first.signal("SIGKILL");
    await untilGone(first.pid);
    const second = stage.run(slow);
    await second.logged("earlier-guard");
    const asked = stage.conductor.asks.length;
    writeFileSync(join(stage.directory, "go"), "");
    await second.logged("leading");
    expect(stage.acts()).toEqual(["lead 3  ", "fence  stopping ", "lead 3  "]);
    expect(stage.conductor.asks.length).toBeGreaterThan(asked);
  });

  it("never leads where the epochs it has seen cannot be read", async ({ stage }) => {
    writeFileSync(join(stage.directory, "fra.db-1.db.epoch"), "nine\n");
    const agent = stage.run(COMMANDS);
    await agent.logged("no-member");
    expect(stage.acts()).toEqual([]);
  });
});

describe("the service of a strict leader is gone before the lease is over", { concurrent: true }, () => {
  it.for([
    {
      name: "a fence that does its work",
      args: [...COMMANDS.slice(0, 4), "--on-fence", `${note("fence")}; kill -9 $(cat "$DIRECTORY/pid")`],
    },
    { name: "a fence that fails", args: FENCE_FAILS },
    { name: "a fence that hangs", args: FENCE_HANGS },
    { name: "no fence", args: NO_FENCE },
  ])("when the detector answers no more, with $name", async ({ args }, { stage }) => {
    const { service } = await leading(stage, args);
    writeFileSync(join(stage.directory, "pid"), String(service));
    stage.conductor.mind = { kind: "hang" };
    await stopsInTime(stage);
    await untilGone(service);
  });

  it("when the detector is not there any more", async ({ stage }) => {
    const { service } = await leading(stage, FENCE_FAILS);
    await stage.conductor.server.vanish();
    await stopsInTime(stage);
    await untilGone(service);
    expect(stage.acts()).toContain("fence  lease ");
  });

  it("when the agent is killed", async ({ stage }) => {
    const { agent, service, guard } = await leading(stage);
    agent.signal("SIGKILL");
    await stopsInTime(stage);
    await untilGone(service);
    await untilGone(guard);
    expect(stage.acts()).toEqual(["lead 3  ", "fence  stopping "]);
  });

  it("when the agent's whole process group is killed", async ({ stage }) => {
    const { agent, service } = await leading(stage);
    agent.signalGroup("SIGKILL");
    await stopsInTime(stage);
    await untilGone(service);
  });

  it("when the agent is stopped, and it does not go on when it goes on", async ({ stage }) => {
    const { agent, service } = await leading(stage, FENCE_FAILS);
    agent.signal("SIGSTOP");
    await stopsInTime(stage);
    agent.signal("SIGCONT");
    expect(await agent.ended).toBe(137);
    await untilGone(service);
    // The agent may ask once more and be granted the same epoch. Then it releases that as well.
    expect(new Set(stage.conductor.released)).toEqual(new Set([3]));
  });

  it("when the guard is killed and another has come, and then the agent", async ({ stage }) => {
    const { agent, service, guard } = await leading(stage);
    signalProcess(guard, "SIGKILL");
    const next = await guardOf(agent, 2);
    await untilServing(stage.port);
    expect(agent.events("stops-leading")).toEqual([]);
    agent.signal("SIGKILL");
    await stopsInTime(stage);
    await untilGone(service);
    await untilGone(next);
  });

  it("when the guard is stopped, and the detector answers no more", async ({ stage }) => {
    const { service, guard } = await leading(stage);
    stage.conductor.mind = { kind: "hang" };
    signalProcess(guard, "SIGSTOP");
    await stage.acted("fence");
    signalProcess(service, "SIGKILL");
    await stopsInTime(stage);
  });

  it("when the guard is stopped, the detector answers no more and the fence fails", async ({ stage }) => {
    const { service, guard } = await leading(stage, FENCE_FAILS);
    stage.conductor.mind = { kind: "hang" };
    signalProcess(guard, "SIGSTOP");
    await stopsInTime(stage);
    await untilGone(service);
  });

  it("when the service itself is stopped", async ({ stage }) => {
    const { service } = await leading(stage, FENCE_FAILS);
    signalProcess(service, "SIGSTOP");
    stage.conductor.mind = { kind: "hang" };
    expect(await untilGone(service)).toBeLessThan(stage.conductor.grantedAtMs + LEASE_MS);
  });

  it("when the agent is killed while the service is made to lead", async ({ stage }) => {
    stage.conductor.mind = STRICT;
    const args = ["--on-lead", `echo $$ > "$DIRECTORY/promoting"; ${note("lead")}; exec sleep 600`];
    const agent = stage.run(args, stage.port);
    const service = await serviceOf(agent);
    await stage.acted("lead");
    agent.signal("SIGKILL");
    await untilGone(service);
    await untilGone(Number(readFileSync(join(stage.directory, "promoting"), "utf8")));
  });
});

describe("a strict leader that ends", { concurrent: true }, () => {
  it("by a signal hands over when its service has stopped", async ({ stage }) => {
    const { agent, service, guard } = await leading(stage);
    expect(await agent.end("SIGTERM")).toBe(143);
    await untilGone(service);
    await untilGone(guard);
    expect(stage.acts()).toEqual(["lead 3  ", "fence  ended "]);
    expect(stage.conductor.released).toEqual([3]);
  });

  it("beside a service of somebody else's fences it first", async ({ stage }) => {
    stage.conductor.mind = STRICT;
    const agent = stage.run(COMMANDS);
    await agent.logged("leading");
    expect(await agent.end("SIGTERM")).toBe(0);
    expect(stage.acts()).toEqual(["lead 3  ", "fence  stopping "]);
    expect(stage.conductor.released).toEqual([3]);
  });
});
