import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { until } from "../../../../scripts/until.ts";
import { BODY_CHARACTERS, writtenCode } from "../../../../src/domain/join-code.ts";
import { FakeDetector } from "../../fake-detector.ts";
import { Running } from "../../running.ts";

const CODE = writtenCode("A".repeat(BODY_CHARACTERS));
const PLACE = ["--site", "fra", "--target", "web-1"];
const folder = mkdtempSync(join(tmpdir(), "parallax-join-full-"));
let detector: FakeDetector;
let asked = 0;
/** The detector never answers, so the program goes on joining. */
beforeAll(async () => {
  detector = await FakeDetector.start();
  detector.mount(() => (asked += 1));
});
afterAll(async () => {
  await detector.vanish();
  rmSync(folder, { recursive: true, force: true });
});

const isLinux = process.platform === "linux";

/** Command lines of all processes of a group, which every user may list, and environments of all but the first. */
const seenOf = (group: number): string => {
  const read = (file: string): string => {
    try {
      return readFileSync(file, "utf8").replaceAll("\0", " ");
    } catch {
      return "";
    }
  };
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const members = pids.filter(
    (pid) => read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[2] === String(group),
  );
  expect(members).toContain(String(group));
  return members
    .map((pid) => read(`/proc/${pid}/cmdline`) + (pid === String(group) ? "" : read(`/proc/${pid}/environ`)))
    .join("\n");
};

describe.runIf(isLinux)("a code", () => {
  it.each([
    { name: "on the command line of a vantage", args: ["vantage", "--join", CODE], env: {} },
    { name: "on the command line of an agent", args: ["agent", ...PLACE, `--join=${CODE}`], env: {} },
    {
      name: "in the environment of an agent that runs a service",
      args: ["agent", ...PLACE],
      env: { PARALLAX_JOIN: CODE },
      service: ["--exec", "--", "sleep", "600"],
    },
  ])("$name is not in a process list while it is traded", async ({ name, args, env, service = [] }) => {
    const before = asked;
    const state = ["--state", join(folder, name.replaceAll(" ", "-"))];
    const run = new Running([...args, "--url", detector.url, ...state, ...service], env);
    await until(() => asked > before, { withinMs: 10_000, everyMs: 20, explain: () => run.stderr });
    const seen = seenOf(run.pid);
    if (service.length > 0) expect(seen).toContain("sleep 600");
    expect(seen).not.toContain(CODE);
    run.endGroup();
    await run.ended;
    expect(run.stderr).not.toContain(CODE);
  });
});

it("an agent's service is not held up by a join, and its end ends both", async () => {
  const args = ["agent", ...PLACE, "--url", detector.url, "--join", CODE, "--state", join(folder, "service")];
  const run = new Running([...args, "--exec", "--", "sh", "-c", "echo there; exit 7"], {});
  expect(await run.ended, run.stderr).toBe(7);
  expect(run.stdout).toBe("there\n");
  expect(run.events("no-token")).toMatchObject([{ reason: "the command ended before the code was traded" }]);
});

describe.runIf(isLinux)("a state directory that can never be", () => {
  const NOWHERE = "/proc/parallax/state";
  const given = ["--url", "http://127.0.0.1:1", "--state", NOWHERE];
  it.each([
    { name: "a vantage", args: ["vantage"], code: 2 },
    { name: "a vantage that joins", args: ["vantage", "--join", CODE], code: 2 },
    { name: "an agent", args: ["agent", ...PLACE], code: 2 },
    { name: "an agent that joins", args: ["agent", ...PLACE, "--join", CODE], code: 2 },
  ])("ends $name, which names it", async ({ args, code }) => {
    const token: Record<string, string> = args.includes("--join") ? {} : { PARALLAX_TOKEN: "plx_t" };
    const run = new Running([...args, ...given], token);
    expect(await run.ended, run.stderr).toBe(code);
    expect(run.stderr).toContain("/proc/parallax");
  });

  it("does not keep an agent's service from its work", async () => {
    const args = ["agent", ...PLACE, ...given, "--exec", "--", "sh", "-c", "echo there; exit 7"];
    const run = new Running(args, { PARALLAX_TOKEN: "plx_t" });
    expect(await run.ended, run.stderr).toBe(7);
    expect(run.stdout).toBe("there\n");
  });
});

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

it.runIf(hasSystemd).each([
  { name: "vantage", args: ["vantage"] },
  { name: "service", args: ["agent", ...PLACE, "--exec", "--", "/bin/sh", "-c", 'echo "$HOME 100%"; true'] },
  { name: "host", args: ["agent", ...PLACE, "--token-file", "/etc/parallax/token"] },
  { name: "leader", args: ["agent", ...PLACE, "--group", "db", "--on-fence", "systemctl stop db"] },
])("systemd finds nothing wrong with the unit of a $name", ({ name, args: [command = "", ...args] }) => {
  const printed = spawnSync(
    inject("oldestNode"),
    [inject("program"), command, "--print-unit", "--url", "https://detector.example", ...args],
    { encoding: "utf8" },
  );
  const file = join(folder, `parallax-${name}.service`);
  writeFileSync(file, printed.stdout);
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], {
    encoding: "utf8",
  });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});
