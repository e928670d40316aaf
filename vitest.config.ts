import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Long enough for the longest on a machine four times as busy as it should be.
const TEST_TIMEOUT_MS = 80_000;
// Much of it waits, for programs and for deadlines, so more of it at a time than there are cores.
const MAX_WORKERS = 3;

// core: pure code and probes, on Node. workers: the objects and the API, in the real workerd.
// aggregator: the same, with vantages that only record what they are told.
// chain: the whole detector under workerd against real listening processes.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "core",
          environment: "node",
          include: [
            "test/{domain,notify,probe,schedule,verdict,client,cli,scripts,sim}/**/*.test.ts",
            "test/{bench,lab,consumers,text}/*.test.ts",
          ],
          // The one-file program, built once for all that start it.
          globalSetup: ["./test/cli/build.ts"],
          sequence: { groupOrder: 2 },
          maxWorkers: MAX_WORKERS,
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
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
          include: ["test/{vantage,api,worker}/**/*.test.ts", "test/bench/worker/*.test.ts"],
          // Real listeners on loopback: a test inside workerd can start none.
          globalSetup: ["./test/probe/provide.ts"],
          maxWorkers: MAX_WORKERS,
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/aggregator/wrangler.toml" } })],
        test: {
          name: "aggregator",
          include: ["test/aggregator/**/*.test.ts"],
          maxWorkers: MAX_WORKERS,
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
      {
        test: {
          name: "chain",
          environment: "node",
          include: ["test/chain/**/*.test.ts"],
          globalSetup: "test/chain/bundle.ts",
          setupFiles: ["test/chain/conforming.ts"],
          // After the others, so that nothing competes for time; its tests mostly wait.
          sequence: { groupOrder: 1 },
          maxWorkers: 6,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
