import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeDetector, json, problem } from "../fake-detector.ts";
import { Running } from "../running.ts";

const JOIN = {
  join: "j-aaaaaaa",
  kind: "vantage",
  sites: ["fra"],
  createdAt: "2026-11-28T06:00:00.000Z",
  expiresAt: "2026-11-28T06:15:00.000Z",
  state: "open",
};
let detector: FakeDetector;
let folder: string;
let status = 201;
/** What the detector lists. */
let listed: object[] = [];

beforeEach(async () => {
  detector = await FakeDetector.start();
  folder = mkdtempSync(join(tmpdir(), "parallax-join-command-"));
  status = 201;
  listed = [JOIN];
  detector.route = ({ method }, response) => {
    if (status >= 400) problem(response, status, "no");
    else if (method === "POST") json(response, { ...JOIN, code: "CODE" }, {}, status);
    else if (method === "GET") json(response, { joins: listed });
    else response.writeHead(204).end();
    return true;
  };
});
afterEach(async () => {
  await detector.vanish();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (...args: string[]) => {
  const program = new Running(["join", ...args], detector.environment);
  return { code: await program.ended, said: program.stdout, told: program.stderr };
};
const create = (out: string) => run("create", "vantage", "--sites", "fra", "--out", out);

it("writes the code to a file of its own", async () => {
  const out = join(folder, "code");
  expect(await create(out)).toMatchObject({ code: 0, said: "" });
  expect(readFileSync(out, "utf8")).toBe("CODE\n");
  expect(statSync(out).mode & 0o777).toBe(0o600);
});

it("makes no code that it cannot write down", async () => {
  const there = join(folder, "there");
  writeFileSync(there, "kept");
  for (const [out, says] of [
    [there, `--out: ${there} is there already: remove it, or name another. No code was made`],
    [join(folder, "no", "code"), "--out: ENOENT"],
    [folder, "is there already"],
  ] as const) {
    const { code, told } = await create(out);
    expect(told).toContain(says);
    expect(code).toBe(1);
  }
  expect(readFileSync(there, "utf8")).toBe("kept");
  expect(detector.asked).toEqual([]);
});

it("leaves no empty file where the detector makes no code", async () => {
  status = 409;
  const out = join(folder, "code");
  expect((await create(out)).code).toBe(1);
  expect(existsSync(out)).toBe(false);
});

it("says that the token of a used code stays when the code is revoked", async () => {
  expect(await run("revoke", JOIN.join)).toEqual({ code: 0, said: "j-aaaaaaa is revoked\n", told: "" });
  listed = [{ ...JOIN, state: "used", usedAt: JOIN.createdAt, token: "t-1" }];
  const { code, told } = await run("revoke", JOIN.join);
  expect(told).toBe(
    "the code was used: token t-1, which was made with it, stays until it is revoked itself\n",
  );
  expect(code).toBe(0);
});
