import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const DEPLOY = fileURLToPath(new URL("../../scripts/deploy.ts", import.meta.url));
/** Without an account's token nothing can be deployed, whatever goes wrong in these tests. */
const ENV = { PATH: process.env["PATH"] ?? "", CI: "true", WRANGLER_SEND_METRICS: "false" };

const deploy = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", DEPLOY, ...args], {
    env: ENV,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
};

describe("npm run deploy", () => {
  test("is refused before anything is made that stays where it is, with the reason", () => {
    const { status, said } = deploy();
    expect(status).toBe(1);
    expect(said).toMatch(
      /^Not deployed\..*\n- AGGREGATOR_HINT is not set: aggregators stay for good where they are first put/,
    );
  });

  test("is refused with any other variable that makes no sense", () => {
    const { said } = deploy("--var", "AGGREGATOR_HINT:weur", "--var=SHARDS:0");
    expect(said.trim().split("\n").slice(1)).toEqual(["- SHARDS must be 1 to 1024"]);
  });

  test.each([
    [
      "ADMIN_TOKEN=a-token-of-some-length-1\nREAD_TOKEN=a-token-of-some-length-1\n",
      ["READ_TOKEN is the same as"],
    ],
    ["ADMIN_TOKEN=short\n", ["ADMIN_TOKEN has 5 characters"]],
    [
      '{"ADMIN_TOKEN": "local-admin", "READ_TOKEN": "x y"}',
      ["READ_TOKEN must be at most", "ADMIN_TOKEN is like"],
    ],
  ])("is refused with tokens in a file that anybody can guess: %j", async (text, told) => {
    const directory = await mkdtemp(join(tmpdir(), "parallax-deploy-"));
    const file = join(directory, "secrets.env");
    await writeFile(file, text);
    const { status, said } = deploy("--var", "AGGREGATOR_HINT:weur", "--secrets-file", file);
    await rm(directory, { recursive: true });
    expect(status).toBe(1);
    const lines = said.trim().split("\n").slice(1);
    for (const words of told) expect(lines).toContainEqual(expect.stringContaining(words));
    expect(said).not.toContain("a-token-of-some-length");
  });

  test("--dry-run asks for nothing, and wrangler knows every setting", () => {
    const { status, said } = deploy("--dry-run");
    expect(status).toBe(0);
    expect(said).toContain("--dry-run: exiting now.");
    expect(said).not.toMatch(/unexpected|unknown field|warning/i);
  });
});
