import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Variant } from "./judged.ts";

/** After so long it will not end. */
const LIMIT_MS = 300_000;

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CONFIG = fileURLToPath(new URL("vitest.config.ts", import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

/** What the tests' reporter says in the end. */
const SAID = /^\{"noticed":.*\}$/m;

interface Noticed {
  /** The first test that fails, after the name of its file. */
  noticed: string | null;
  /** Processor time. */
  cpuS: number;
}

/** Puts a judge before its laws and tests: which notices first. */
export const firstThatNotices = (variant: Variant): Promise<Noticed> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, PARALLAX_AUDIT: JSON.stringify(variant) };
    const limits = { cwd: ROOT, env, timeout: LIMIT_MS, killSignal: "SIGKILL" } as const;
    execFile(process.execPath, [VITEST, "run", "--config", CONFIG], limits, (cause, out, complaint) => {
      const [said] = SAID.exec(out) ?? [];
      if (said !== undefined) resolve(JSON.parse(said) as Noticed);
      else if (cause?.killed === true)
        resolve({ noticed: "all: they do not come to an end", cpuS: LIMIT_MS / 1_000 });
      else reject(new Error(`the tests did not run: ${out}${complaint}`));
    });
  });
