import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAtExit, signalProcess } from "../../scripts/children.ts";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { GroupAnswer } from "../../src/domain/group.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

// Agents of a group run as processes against the whole detector: the lead goes from one to the next, and two never lead at once.

let detector: Detector;
const folder = mkdtempSync(join(tmpdir(), "parallax-agents-"));
const agents: ChildProcess[] = [];
const endAll = (): void => agents.forEach(({ pid }) => void signalProcess(pid, "SIGKILL"));
beforeAll(async () => {
  endAtExit(endAll);
  detector = await startDetector();
});
afterAll(async () => {
  // Lets each agent end properly: a guard that is left alone would go on after this.
  await Promise.all(
    agents.map(async (agent) => {
      if (agent.exitCode !== null || agent.signalCode !== null) return;
      const ended = once(agent, "exit");
      signalProcess(agent.pid, "SIGTERM");
      await ended;
    }),
  );
  await stopDetector(detector);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const PROGRAM = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const LEASE_MS = 4_000;
const nameOf = ({ site, target }: Key): string => `${site}/${target}`;

const acts = (): string[] => {
  const file = join(folder, "acts");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
};
const acted = (act: string): Promise<string> =>
  until(() => acts().find((line) => line === act), {
    withinMs: 30_000,
    everyMs: 50,
    explain: () => `not done: ${act}; done: ${acts().join("; ")}`,
  });

/** An agent that notes in a file, shared by all agents, when its service begins to lead and when it is fenced. */
const agentOf = async (key: Key): Promise<ChildProcess> => {
  const { token } = await detector.api.makeToken({ scope: "notify", ...key });
  const note = (word: string): string => `echo "${word} $PARALLAX_MEMBER $PARALLAX_EPOCH" >> ${folder}/acts`;
  const own = ["--site", key.site, "--target", key.target, "--every-ms", "1000", "--state", folder];
  const group = ["--group", "led", "--on-lead", note("lead"), "--on-fence", note("fence")];
  const agent = spawn(
    process.execPath,
    ["--no-warnings", PROGRAM, "agent", ...own, ...group, "--position", "echo 1"],
    {
      env: { PATH: process.env["PATH"] ?? "", PARALLAX_URL: detector.api.url, PARALLAX_TOKEN: token },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  agents.push(agent);
  return agent;
};

test("an agent that is killed is fenced by its guard, and the next one leads by a new epoch", () =>
  Scene.play(detector, async (scene) => {
    const keys: Key[] = [];
    for (const letter of ["a", "b"])
      keys.push((await scene.node("db", { site: `${scene.site}-${letter}`, hasWitness: true })).key);
    await scene.healthy();
    const [first, second] = keys as [Key, Key];
    const body = {
      mode: "leader",
      members: keys.map((key, index) => ({ ...key, priority: index + 1 })),
      policy: { lease: "strict", leaseMs: LEASE_MS, holdDownMs: 0 },
    };
    expect((await detector.api.ask("/v1/groups/led", { method: "PUT", body })).status).toBe(201);
    const killed = await agentOf(first);
    await acted(`lead ${nameOf(first)} 1`);
    await agentOf(second);
    signalProcess(killed.pid, "SIGKILL");
    await acted(`fence ${nameOf(first)} `);
    await acted(`lead ${nameOf(second)} 2`);
    // A planned change: the old leader stops before the new one leads.
    await agentOf(first);
    await until(
      async () => {
        const reason = { to: nameOf(first), reason: "a new kernel" };
        return (
          (await detector.api.ask("/v1/groups/led/switch", { method: "POST", body: reason })).status === 202
        );
      },
      { withinMs: 30_000, explain: () => "the change is not begun" },
    );
    await acted(`lead ${nameOf(first)} 3`);
    expect(acts().filter((line) => !line.startsWith("follow"))).toEqual([
      `lead ${nameOf(first)} 1`,
      `fence ${nameOf(first)} `,
      `lead ${nameOf(second)} 2`,
      `fence ${nameOf(second)} `,
      `lead ${nameOf(first)} 3`,
    ]);
    const { text } = await detector.api.ask("/v1/groups/led");
    const { members } = JSON.parse(text) as GroupAnswer;
    expect(members.map(({ position }) => position)).toEqual([1, 1]);
  }));
