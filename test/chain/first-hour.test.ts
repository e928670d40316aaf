import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAtExit, signalGroup } from "../../scripts/children.ts";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import { startDetector, stopDetector } from "./scene.ts";

const PAGE = readFileSync("docs/first-hour.md", "utf8");
/** The page's blocks for a shell, and the verdicts that it waits for before the next block. */
const PART =
  /^```sh\n(?<block>[^]*?)^```$|^<!-- until (?<target>\S+) (?<verdict>\S+)(?<confirmed> confirmed)? -->$/gm;
const DONE = "— done —";
const COMMANDS_WITHIN_MS = 60_000;
const VERDICT_WITHIN_MS = 60_000;

let detector: Detector;
let folder: string;
let hook: Server;
const told: string[] = [];

beforeAll(async () => {
  detector = await startDetector();
  folder = await mkdtemp(join(tmpdir(), "parallax-hour-"));
  hook = createServer((request, answer) => {
    let body = "";
    request.on("data", (bytes: Buffer) => (body += bytes.toString()));
    request.on("end", () => {
      told.push(body);
      answer.end();
    });
  });
  hook.listen(0, "127.0.0.1");
  await once(hook, "listening");
});
afterAll(async () => {
  hook.close();
  await stopDetector(detector);
  await rm(folder, { recursive: true, force: true });
});

/** One shell for the whole page, such as its reader uses. */
class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #forget: () => void;
  text = "";

  constructor(env: Record<string, string>) {
    this.#child = spawn("sh", ["-e"], { cwd: folder, detached: true, env: { ...process.env, ...env } });
    this.#forget = endAtExit(() => signalGroup(this.#child.pid, "SIGKILL"));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (this.text += text));
  }

  /** The output of the commands. Throws where one of them fails, which ends the shell. */
  async run(commands: string): Promise<string> {
    this.text = "";
    this.#child.stdin.write(`${commands}\nprintf '${DONE}'\n`);
    await until(() => this.#child.exitCode !== null || this.text.includes(DONE), {
      withinMs: COMMANDS_WITHIN_MS,
      explain: () => `not done:\n${commands}\n${this.text}`,
    });
    if (!this.text.includes(DONE)) throw new Error(`failed:\n${commands}\n${this.text}`);
    return this.text.replace(DONE, "");
  }

  end(): void {
    signalGroup(this.#child.pid, "SIGKILL");
    this.#forget();
  }
}

test("the first hour can be gone through as its page says, command by command", async () => {
  const ports = [await freePort(), await freePort()];
  const page = PAGE.replaceAll("9001", String(ports[0])).replaceAll("9002", String(ports[1]));
  const [settings, ...parts] = [...page.matchAll(PART)].map(({ groups = {} }) => groups);
  const given = {
    PARALLAX_URL: detector.api.url,
    ADMIN_TOKEN: "local-admin",
    READ_TOKEN: "local-read",
    HOST_1: "127.0.0.1",
    HOST_2: "127.0.0.1",
    WITNESS_PORT: String(detector.port),
    HOOK: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
  };
  const named = [...(settings?.["block"] ?? "").matchAll(/\b([A-Z_\d]+)=/g)].map(([, name]) => name);
  expect(named).toEqual(Object.keys(given));
  const shell = new Shell(given);
  const printed: string[] = [];
  try {
    for (const { block, target = "", verdict = "", confirmed } of parts)
      if (block !== undefined) printed.push(await shell.run(block));
      else
        await until(
          async () => {
            const found = await detector.api.verdict({ site: "fra", target });
            return found.verdict === verdict && (confirmed === undefined || found.confirmed);
          },
          { withinMs: VERDICT_WITHIN_MS, explain: () => `${target} did not become ${verdict}` },
        );
  } finally {
    shell.end();
  }
  const whole = printed.join("");
  // The output shows no problem document. `curl -s` would print one like any other answer.
  expect(whole).not.toMatch(/"status": ?4\d\d/);
  const checks = (whole.match(/^(HTTP\/1.1 \d+|(failover|hold) )[^\r\n]*/gm) ?? []).join("\n");
  expect(checks).toMatch(/HTTP\/1.1 503[^]*HTTP\/1.1 200[^]*failover process_crashed fra\/web-1/);
  expect(checks).toMatch(/hold isolated fra\/web-1[^\n]*drill/);
  await until(() => told.some((message) => message.includes('"process_crashed"')), {
    withinMs: VERDICT_WITHIN_MS,
    explain: () => `nobody was told of the crash: ${told.join("\n")}`,
  });
});
