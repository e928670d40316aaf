import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { buildServed } from "./scripts/build-served.mjs";
import { orderOf } from "./scripts/test-phases.ts";
import { CRASH_SEEDS } from "./test/provided.ts";
import { LONG } from "./test/runs.ts";

// What the Worker serves is a module of it: here it is built anew for whatever runs.
await buildServed();

// Long enough for the longest on a machine four times as busy as it should be.
const TEST_TIMEOUT_MS = LONG ? 800_000 : 80_000;
// Much of it waits, for programs and for deadlines, so more of it at a time than there are cores.
const MAX_WORKERS = 3;

/** Each `expect.poll` waits for something to come, and this is how long a busy machine may take for it: nothing is asserted by it. */
const POLL = { poll: { timeout: 20_000 } };

/** Files whose name ends so start programs, or are long: `npm test` leaves them to `npm run test:full`. */
const FULL = "{test,harness}/**/*.full.test.ts";
const WORKERS = ["test/{vantage,api,worker}/**/*.test.ts", "harness/bench/worker/*.test.ts"];
const AGGREGATOR = "test/aggregator/**/*.test.ts";
const CHAIN = "test/chain/**/*.test.ts";
const WALK = "test/chain/walk.test.ts";

/** The whole detector under workerd against real listening processes; its tests mostly wait. */
const chain = (name: string, include: string, exclude: string[], maxWorkers: number) => ({
  test: {
    name,
    expect: POLL,
    environment: "node" as const,
    include: [include],
    exclude,
    globalSetup: "test/chain/bundle.ts",
    setupFiles: ["test/chain/conforming.ts"],
    sequence: { groupOrder: orderOf(name) },
    maxWorkers,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});

// The phases of scripts/test-phases.ts, one after another: nothing competes for time with what is timed.
export default defineConfig({
  test: {
    projects: [
      // Pure code and probes, on Node.
      {
        test: {
          name: "core",
          expect: POLL,
          environment: "node",
          include: ["{test,harness}/**/*.test.ts"],
          exclude: [...WORKERS, AGGREGATOR, CHAIN, FULL],
          sequence: { groupOrder: orderOf("core") },
          maxWorkers: MAX_WORKERS,
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
      // The objects and the API, in the real workerd.
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ADMIN_TOKEN: "local-admin",
                READ_TOKEN: "local-read",
                ALLOW_PRIVATE: "true",
                CONTROLS: "",
              },
            },
          }),
        ],
        test: {
          name: "workers",
          expect: POLL,
          include: WORKERS,
          // Real listeners on loopback: a test inside workerd can start none.
          globalSetup: ["./test/probe/provide.ts"],
          // Loading the same code anew for each file is half of the time. None replaces a module or keeps something in one.
          isolate: false,
          sequence: { groupOrder: orderOf("workers") },
          maxWorkers: MAX_WORKERS,
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
      // The same, with vantages that only record what they are told.
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/aggregator/wrangler.toml" } })],
        test: {
          name: "aggregator",
          expect: POLL,
          include: [AGGREGATOR],
          provide: { crashSeeds: Number(process.env["PARALLAX_CRASH_SEEDS"] ?? CRASH_SEEDS) },
          sequence: { groupOrder: orderOf("aggregator") },
          maxWorkers: MAX_WORKERS,
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
      chain("walk", WALK, [], 1),
      {
        test: {
          name: "programs",
          expect: POLL,
          environment: "node",
          include: [FULL],
          // The one-file program, built once for all that start it.
          globalSetup: ["./test/cli/build.ts"],
          sequence: { groupOrder: orderOf("programs") },
          maxWorkers: MAX_WORKERS,
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
      chain("chain", CHAIN, [WALK], 6),
    ],
  },
});
