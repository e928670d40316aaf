import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const SEEDS = 200;
/** Rows and alarms; calls, messages and answers; calls between shards. */
const POINTS = 12 + 8 + 10;
/** The same for a conductor and the shards that it asks, with a fifth as many courses. */
const GROUP_POINTS = 12 + 11;
const FILES = ["points", "shards", "conductor"].map((name) => `test/aggregator/crash-${name}.test.ts`);
/** A run takes a seventh of a second on a busy machine, and a busy machine may be slower still. */
const WITHIN_MS = 3_600_000;
const TEST_TIMEOUT_MS = 600_000;

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

/** The objects' own code, made to end at each of its steps, by tests that run longer than under `npm test`. */
export const attackByCrashes = (): { lines: string[]; faults: string[] } => {
  const began = performance.now();
  const line = [vitest, "run", "--project", "aggregator", "--testTimeout", String(TEST_TIMEOUT_MS)];
  const { status } = spawnSync(process.execPath, [...line, ...FILES], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: WITHIN_MS,
    env: { ...process.env, PARALLAX_CRASH_SEEDS: String(SEEDS) },
  });
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  return {
    lines: [
      `${POINTS} points × ${SEEDS} courses of writes, ${GROUP_POINTS} × ${SEEDS / 5} of groups, in ${seconds} s`,
    ],
    faults: status === 0 ? [] : [`${FILES.join(" or ")} fails: see above`],
  };
};
