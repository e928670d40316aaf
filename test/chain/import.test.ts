import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { NodeProcess } from "../../harness/nodes/process.ts";
import { startDetector, stopDetector } from "./scene.ts";

let detector: Detector;
let node: NodeProcess;
const folder = mkdtempSync(join(tmpdir(), "parallax-import-"));

beforeAll(async () => {
  detector = await startDetector();
  node = await NodeProcess.start();
});
afterAll(async () => {
  await node.kill();
  await stopDetector(detector);
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<{ code: number; said: string; told: string }> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env["PATH"] ?? "",
      PARALLAX_URL: detector.api.url,
      PARALLAX_TOKEN: "local-admin",
      APP_WEB_1_X_KEY: "s3cret",
    };
    const line = [inject("program"), ...args];
    const child = execFile(process.execPath, line, { env }, (_error, said, told) =>
      resolve({ code: child.exitCode ?? -1, said, told }),
    );
  });

test("a detector watches what HAProxy watched, by two commands", async () => {
  const source = join(folder, "haproxy.cfg");
  const out = join(folder, "targets.yaml");
  writeFileSync(
    source,
    `backend app
  option httpchk
  http-check send meth GET uri /health hdr X-Key s3cret
  default-server inter 5s
  server web-1 127.0.0.1:${node.port} check
  server web-2 127.0.0.1:${node.port} check disabled
  server web-3 unix@/run/web-3.sock check
`,
  );
  const imported = await run("import", "haproxy", source, "--out", out);
  expect(imported).toMatchObject({ code: 0, said: "" });
  expect(imported.told).toContain("Carried over: 2 of 3.\n");
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(readFileSync(out, "utf8")).not.toContain("s3cret");

  const applied = await run("apply", out, "--yes");
  expect(applied.told).toBe("");
  expect(applied).toMatchObject({ code: 0, said: expect.stringContaining("created app/web-1") });
  expect(await run("apply", out)).toMatchObject({ code: 0, said: expect.stringContaining("Nothing to do") });
  await until(async () => (await run("check", "app/web-1")).code === 0, {
    withinMs: 60_000,
    everyMs: 200,
    explain: () => "web-1 never came alive",
  });
  expect(await run("import", "haproxy", source, "--out", out)).toMatchObject({
    code: 1,
    told: expect.stringContaining("is there already"),
  });
});
