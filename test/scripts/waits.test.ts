import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A promise of a timer, or the name of a function that waits. */
const WAIT =
  /new Promise[^;]{0,90}?\bsetTimeout\(|"node:timers\/promises"|\bAtomics\.wait\(|\bvi\.wait(?:For|Until)\(/g;
/** An assertion that something took less than a time that a busy machine may well need. */
const TIMED = /expect\([^\n]*(?:Date|performance)\.now\(\) - [^\n]*\)\.(?:not\.toBeGreater|toBeLess)Than/g;

/** In these tests the time itself matters. */
const FAULT = "a fault lasts so long, or comes at a random moment";
const PACE = "the pace of a program that asks, looks or writes again";
const WINDOW = "the window of a measurement";
const ABSENCE = "nothing may happen for so long";
const SLOW = "what answers slowly, or not yet";

/**
 * The places where a program or a test waits for a time instead of an event, how many there are in each file, and why. Elsewhere tests wait
 * for events by `expect.poll` or by `until` (scripts/until.ts), and time that only concerns fakes passes under a HandClock.
 */
const WAITS: Readonly<Record<string, readonly [times: number, why: string]>> = {
  "scripts/calibrate/calibration.ts": [1, PACE],
  "scripts/demo/play.ts": [1, PACE],
  "scripts/demo/tour/trials.ts": [1, PACE],
  "scripts/detector.ts": [1, PACE],
  "scripts/poller.ts": [1, PACE],
  "scripts/until.ts": [1, PACE],
  "test/api/aggregators/coalesced-reads.test.ts": [1, `${SLOW}, under a fake clock`],
  "harness/consumers/postgresql/stories.ts": [1, FAULT],
  "harness/shadow/inner.ts": [1, FAULT],
  "harness/attack/disk.ts": [1, PACE],
  "harness/attack/load.ts": [1, PACE],
  "harness/attack/flood.ts": [2, PACE],
  "harness/attack/kills.ts": [1, FAULT],
  "harness/attack/world.ts": [1, PACE],
  "harness/bench/cost.ts": [1, WINDOW],
  "harness/bench/lateness.ts": [1, WINDOW],
  "harness/bench/load.ts": [2, PACE],
  "harness/bench/worker/priced.ts": [1, SLOW],
  "test/chain/crash.test.ts": [1, FAULT],
  "test/chain/events.test.ts": [2, FAULT],
  "test/chain/flap.test.ts": [2, FAULT],
  "test/chain/health.test.ts": [1, ABSENCE],
  "harness/world/muted.ts": [1, SLOW],
  "test/chain/overload.test.ts": [1, FAULT],
  "test/chain/recovery.test.ts": [3, `${FAULT}; and ${PACE}`],
  "test/chain/variables.test.ts": [1, ABSENCE],
  "test/cli/agent/beside.full.test.ts": [1, FAULT],
  "harness/consumers/costs.ts": [1, WINDOW],
  "harness/consumers/matrix.ts": [1, PACE],
  "harness/consumers/programs/curl-wait.ts": [1, ABSENCE],
  "harness/consumers/programs/event-source.ts": [1, FAULT],
  "harness/consumers/times.ts": [1, `${PACE}; and ${FAULT}`],
  "harness/consumers/times/haproxy.ts": [1, PACE],
  "harness/costs/lines.ts": [1, WINDOW],
  "harness/costs/measure.ts": [1, WINDOW],
  "harness/lab/hosts/register.ts": [1, SLOW],
  "harness/lab/play.ts": [1, ABSENCE],
  "harness/lab/postgresql/groups.ts": [1, ABSENCE],
  "harness/lab/postgresql/hand.ts": [1, "how long a person takes to decide"],
  "harness/lab/postgresql/observer.ts": [1, PACE],
  "harness/lab/postgresql/play.ts": [1, WINDOW],
  "harness/lab/postgresql/writer.ts": [1, PACE],
  "harness/lab/scenarios/paths.ts": [1, FAULT],
  "harness/lab/scenarios/vantages.ts": [1, ABSENCE],
  "harness/lab/watch.ts": [1, PACE],
  "test/probe/servers.ts": [1, "the limit of a connection"],
  "harness/register/clients.ts": [1, PACE],
  "harness/register/inner.ts": [1, FAULT],
  "harness/scale/measure.ts": [1, `${WINDOW}; and ${PACE}`],
  "harness/sim/audit/claims.ts": [1, "the limit of a program"],
};

/** The places that assert an upper bound of real time, and why that is not a race. */
const BOUNDS: Readonly<Record<string, readonly [times: number, why: string]>> = {
  "test/cli/vantage/program.full.test.ts": [1, "the bound is half of what is waited for otherwise"],
};

const SELF = "test/scripts/waits.test.ts";
const files = globSync("{test,scripts,harness}/**/*.{ts,mjs}", { cwd: ROOT })
  .filter((file) => file !== SELF)
  .toSorted();

const countsOf = (pattern: RegExp): Record<string, number> =>
  Object.fromEntries(
    files
      .map((file) => [file, [...readFileSync(`${ROOT}${file}`, "utf8").matchAll(pattern)].length] as const)
      .filter(([, count]) => count > 0),
  );
const allowed = (rows: Readonly<Record<string, readonly [number, string]>>): Record<string, number> =>
  Object.fromEntries(Object.entries(rows).map(([file, [times]]) => [file, times]));

test.each([
  ["waits for a time", WAIT, WAITS],
  ["asserts that something took less than a real time", TIMED, BOUNDS],
] as const)("no program or test %s but those that say why", (_, pattern, rows) => {
  expect(countsOf(pattern)).toEqual(allowed(rows));
});
