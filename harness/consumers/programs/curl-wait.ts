import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pathOf } from "../../../scripts/detector-api.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import type { Consumer, Row } from "../consumer.ts";
import { FaultProxy } from "../faults.ts";
import type { World } from "../world.ts";

const execute = promisify(execFile);
const HELD_MS = 55_000;

/** Waits at the capability path until the sequence moves, as a script in a loop does. */
const play = async (world: World): Promise<Row> => {
  const { primary } = await world.pair("curl-wait");
  const proxy = new FaultProxy({ host: "127.0.0.1", port: world.detector.port });
  try {
    const { url } = await proxy.open("curl-wait");
    const path = `${url}/k/${world.readToken}${pathOf(primary.key)}/verdict`;
    const ask = async (query: string): Promise<VerdictAnswer> => {
      const { stdout } = await execute("curl", ["--fail", "--silent", "--max-time", "60", `${path}${query}`]);
      return JSON.parse(stdout) as VerdictAnswer;
    };
    const { sequence } = await ask("");
    const held = ask(`?seq=${sequence}&waitMs=${HELD_MS}`);
    const begin = performance.now();
    const early = await Promise.race([held.then(() => true), pause(1_000)]);
    await primary.node.kill();
    const killed = performance.now();
    const woken = await held;
    const seconds = (performance.now() - killed) / 1_000;
    const did = early === true ? "woken early" : `woken: ${woken.verdict}`;
    return {
      scenario: "curl-wait/killed",
      verdict: woken.verdict,
      fault: "fine",
      expected: "woken: process_crashed",
      did,
      ok: did === "woken: process_crashed" && woken.sequence > sequence,
      seconds: Number(seconds.toFixed(1)),
      violations: 0,
      detail: `held for ${((killed - begin) / 1_000).toFixed(1)} s until the kill`,
    };
  } finally {
    await proxy.stop();
  }
};

const pause = (ms: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms);
  });

/** `curl …/verdict?seq=N&waitMs=55000` in a loop. */
export const curlWait: Consumer = {
  name: "curl-wait",
  title: "`curl '…/k/TOKEN/…/verdict?seq=N&waitMs=55000'`",
  recommended: true,
  needs: { commands: { curl: "curl" } },
  states: [],
  pollMs: 0,
  rounds: 0,
  start: async (world) => {
    const { stdout } = await execute("curl", ["--version"]);
    return {
      version: stdout.split(" ").slice(0, 2).join(" "),
      observe: async () => ({ did: "" }),
      also: async () => [await play(world)],
      stop: async () => undefined,
    };
  },
  expects: () => "",
  isSwitch: () => false,
};
