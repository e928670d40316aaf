import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { VERSION } from "../../src/domain/version.ts";
import { oldestNode } from "../cli/build.ts";
import { startDetector, stopDetector } from "./scene.ts";

/** What the whole installation on a node may weigh. */
const BYTES_MAX = 350_000;

let detector: Detector;
let folder: string;
beforeAll(async () => {
  detector = await startDetector();
  folder = await mkdtemp(join(tmpdir(), "parallax-cli-"));
});
afterAll(async () => {
  await stopDetector(detector);
  await rm(folder, { recursive: true, force: true });
});

test("the detector serves its own command line, which runs alone in a folder with an old Node", async () => {
  const { status, text, headers } = await detector.api.ask("/cli.mjs", { token: null });
  expect(status).toBe(200);
  expect(text.length).toBeLessThan(BYTES_MAX);
  console.warn(`/cli.mjs: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} by gzip`);
  const etag = headers.get("etag") ?? "";
  const again = await detector.api.ask("/cli.mjs", { token: null, headers: { "if-none-match": etag } });
  expect(again.status).toBe(304);
  const file = join(folder, "cli.mjs");
  await writeFile(file, text);
  const run = (...args: string[]) =>
    spawnSync(oldestNode(), [file, ...args], {
      encoding: "utf8",
      cwd: folder,
      env: { PARALLAX_URL: detector.api.url, PARALLAX_TOKEN: "local-read" },
    });
  expect(run("--version").stdout).toBe(`${VERSION}\n`);
  expect(run("apply", "--help").stdout).toContain("Usage: parallax apply");
  const checked = run("check", "fra/nobody");
  expect(checked.status).toBe(3);
  expect(checked.stdout).toContain("no target");
});
