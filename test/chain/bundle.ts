import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { buildProgram } from "../cli/build.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The detector's main module as deploy would upload it. */
    bundle: string;
  }
}

const run = promisify(execFile);
const wrangler = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin/wrangler.js",
);

/** Builds the bundle as deploy does, without an account; returns its folder and what wrangler said. */
export const buildBundle = async (outdir: string): Promise<string> => {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^(CLOUDFLARE|CF|WRANGLER)_/.test(name),
  );
  const { stdout, stderr } = await run(
    process.execPath,
    [wrangler, "deploy", "--dry-run", "--outdir", outdir],
    {
      env: { ...Object.fromEntries(environment), WRANGLER_SEND_METRICS: "false", HOME: outdir },
    },
  );
  return stdout + stderr;
};

/** Builds the bundle once for all chain tests. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const outdir = await mkdtemp(join(tmpdir(), "parallax-bundle-"));
  await buildBundle(outdir);
  project.provide("bundle", join(outdir, "index.js"));
  project.provide("program", buildProgram(outdir));
  return () => rm(outdir, { recursive: true, force: true });
};
