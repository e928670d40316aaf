import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endAtExit, signalGroup } from "../../scripts/children.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const READY_WITHIN_MS = 40_000;

/** A Worker that shows its variables and how often its schedule fired. */
const WORKER = `
let fired = 0;
export default {
  fetch: (request, env) => Response.json({ vars: env, fired }),
  scheduled: () => { fired += 1; },
};
`;
const CONFIG = `
name = "shows"
main = "worker.js"
compatibility_date = "2026-10-15"
[vars]
ADMIN_TOKEN = "from-config"
READ_TOKEN = "from-config"
CONTROLS = "from-config"
`;

interface Shown {
  vars: Record<string, string>;
  fired: number;
}

let directory: string;
let child: ChildProcess | undefined;
let group: number | undefined;
let forget: (() => void) | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "parallax-dev-"));
  await writeFile(join(directory, "worker.js"), WORKER);
  await writeFile(join(directory, "wrangler.toml"), CONFIG);
  await writeFile(join(directory, "given.env"), "ADMIN_TOKEN=from-file\nREAD_TOKEN=from-file\n");
});
afterEach(() => {
  signalGroup(child?.pid, "SIGKILL");
  signalGroup(group, "SIGKILL");
  forget?.();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Starts the wrapper in a group of its own and waits until the Worker answers. */
const startDev = async (flags: string[] = []): Promise<{ port: number; shown: () => Promise<Shown> }> => {
  const port = await freePort();
  const args = ["--config", join(directory, "wrangler.toml"), "--env-file", join(directory, "given.env")];
  const started = spawn(process.execPath, ["scripts/dev.mjs", ...args, "--port", String(port), ...flags], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, CRON_MS: "300" },
  });
  child = started;
  const [{ group: named }] = (await once(started, "message")) as [{ group: number }];
  group = named;
  forget = endAtExit(() => [started.pid, named].forEach((pid) => signalGroup(pid, "SIGKILL")));
  const shown = async (): Promise<Shown> =>
    (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as Shown;
  await until(() => shown().catch(() => undefined), {
    withinMs: READY_WITHIN_MS,
    explain: () => "the Worker never answered",
  });
  return { port, shown };
};

/** Whether any process of the group still runs. A process that has ended and only waits to be collected does not count. */
const groupRuns = async (pgid: number): Promise<boolean> => {
  if (!existsSync("/proc/self/stat")) return signalGroup(pgid, 0 as unknown as NodeJS.Signals);
  const stats = (await readdir("/proc"))
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""));
  return (await Promise.all(stats)).some((stat) => {
    const [state, , owner] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(owner) === pgid && state !== "Z" && state !== "X";
  });
};

describe("npm run dev", () => {
  test("passes every flag on, a given --var over all else, and fires the schedule", async () => {
    const { port, shown } = await startDev(["--var", "ADMIN_TOKEN:given", "--var", "MORE:too"]);
    const { vars, fired } = await shown();
    expect(vars).toEqual({
      ADMIN_TOKEN: "given",
      READ_TOKEN: "from-file",
      MORE: "too",
      CONTROLS: `tcp://127.0.0.1:${port}`,
      RESOLVER: expect.stringMatching(/^http:/),
    });
    const resolved = await fetch(`${vars["RESOLVER"]}?name=localhost`);
    expect(await resolved.json()).toContain("127.0.0.1");
    const unknown = await fetch(`${vars["RESOLVER"]}?name=no-such-host.invalid`);
    expect(await unknown.json()).toEqual([]);
    await until(async () => (await shown()).fired >= fired + 3, {
      withinMs: 10_000,
      explain: () => "the schedule did not go on firing",
    });
  }, 60_000);

  test("takes another control over its own", async () => {
    const { shown } = await startDev(["--var", "CONTROLS:tcp://127.0.0.1:9"]);
    expect((await shown()).vars["CONTROLS"]).toBe("tcp://127.0.0.1:9");
  }, 60_000);

  test.for(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
    "leaves nothing behind after %s",
    { timeout: 60_000 },
    async (signal) => {
      await startDev();
      const started = child;
      if (started?.pid === undefined || group === undefined) throw new Error("nothing was started");
      expect(await groupRuns(group)).toBe(true);
      const ended = once(started, "exit");
      started.kill(signal);
      const [code] = (await ended) as [number | null];
      expect(code).toBe(signal === "SIGKILL" ? null : 0);
      for (const pgid of [started.pid, group])
        await until(async () => !(await groupRuns(pgid)), {
          withinMs: 10_000,
          explain: () => `group ${pgid} still runs`,
        });
    },
  );
});
