import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { endAtExit, signalGroup, signalProcess } from "../../../../scripts/children.ts";
import { freePort } from "../../../../scripts/port.ts";
import { until } from "../../../../scripts/until.ts";
import { identify } from "../../../../src/cli/shared/process/process.ts";
import { Running } from "../../running.ts";
import { FakeConductor } from "./fake-conductor.ts";
import { FakeDetector } from "../../fake-detector.ts";

const WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 20;

/** A command that writes this word and its environment into a file of this test. */
export const note = (word: string): string =>
  `echo "${word} $PARALLAX_EPOCH $PARALLAX_CAUSE $PARALLAX_LEADER" >> "$DIRECTORY/acts"`;

export interface Stage {
  conductor: FakeConductor;
  directory: string;
  /** The lines that the commands have written. */
  acts: () => string[];
  acted: (word: string, count?: number) => Promise<string>;
  /** Starts an agent of a group. With `service`, the agent runs a small server at that port. */
  run: (args: string[], service?: number) => Running;
  port: number;
}

/** The command of a server that answers every connection. */
const serverAt = (port: number): string[] => [
  process.execPath,
  "-e",
  `require("net").createServer((socket) => socket.end("ok")).listen(${port}, "127.0.0.1")`,
];

export const guardOf = async (agent: Running, count = 1): Promise<number> =>
  Number(
    (
      await until(() => agent.events("guarded")[count - 1], {
        withinMs: WITHIN_MS,
        everyMs: 10,
        explain: () => `no guard ${count}: ${agent.stderr}`,
      })
    )["guard"],
  );

const isServing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once("data", () => resolve(true));
    socket.on("error", () => undefined);
    socket.once("close", () => {
      socket.destroy();
      resolve(false);
    });
  });

export const untilServing = async (port: number): Promise<void> => {
  await until(() => isServing(port), {
    withinMs: WITHIN_MS,
    everyMs: LOOK_EVERY_MS,
    explain: () => `nothing serves at ${port}`,
  });
};

/** Waits until nothing serves at the port any more. Returns when it last served for certain, in milliseconds of this process. */
export const servedUntilMs = async (port: number): Promise<number> => {
  let last = -Infinity;
  await until(
    async () => {
      const begun = performance.now();
      const serves = await isServing(port);
      if (serves) last = begun;
      return !serves;
    },
    { withinMs: WITHIN_MS, everyMs: LOOK_EVERY_MS, explain: () => `it serves still at ${port}` },
  );
  return last;
};

/** Waits for the end of a process. Returns when it last ran for certain, in milliseconds of this process. */
export const untilGone = async (pid: number): Promise<number> => {
  let last = -Infinity;
  await until(
    () => {
      const begun = performance.now();
      const runs = identify(pid) !== null;
      if (runs) last = begun;
      return !runs;
    },
    { withinMs: WITHIN_MS, everyMs: 10, explain: () => `process ${pid} runs still` },
  );
  return last;
};

/** A test with a detector, a directory and agents of its own. */
export const it = test.extend<{ stage: Stage }>({
  // Vitest reads the names of other fixtures off this pattern.
  // oxlint-disable-next-line no-empty-pattern
  stage: async ({}, use) => {
    const conductor = new FakeConductor(await FakeDetector.start());
    const directory = mkdtempSync(join(tmpdir(), "parallax-lead-"));
    const port = await freePort();
    const file = join(directory, "acts");
    const ends: (() => void)[] = [];
    const acts = (): string[] =>
      existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    const run: Stage["run"] = (args, service) => {
      const own = ["--site", "fra", "--target", "db-1", "--every-ms", "1000", "--group", "db"];
      const runs = service === undefined ? [] : ["--exec", "--", ...serverAt(service)];
      const agent = new Running(["agent", ...own, "--state", directory, ...args, ...runs], {
        PARALLAX_URL: conductor.server.url,
        PARALLAX_TOKEN: "local-notify",
        DIRECTORY: directory,
      });
      const end = (): void => {
        agent.endGroup();
        // Service and guard are each in a process group of their own.
        for (const { pid } of agent.events("started") as { pid?: number }[]) signalGroup(pid, "SIGKILL");
        for (const { guard } of agent.events("guarded") as { guard?: number }[])
          signalProcess(guard, "SIGKILL");
      };
      ends.push(end, endAtExit(end));
      return agent;
    };
    const acted = (word: string, count = 1): Promise<string> =>
      until(() => acts().filter((line) => line.startsWith(`${word} `))[count - 1], {
        withinMs: WITHIN_MS,
        everyMs: 10,
        explain: () => `not done: ${word}; done: ${acts().join("; ")}`,
      });
    await use({ conductor, directory, acts, acted, run, port });
    for (const end of ends) end();
    await conductor.server.vanish();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  },
});
