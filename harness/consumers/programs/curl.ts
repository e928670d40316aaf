import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pathOf } from "../../../scripts/detector-api.ts";
import type { Consumer } from "../consumer.ts";
import { TRUTHS } from "../state.ts";

const execute = promisify(execFile);

/** `curl --fail … /failover && promote`: a script of one line. */
export const curlGate: Consumer = {
  name: "curl",
  title: "`curl --fail …/failover && promote`",
  recommended: true,
  needs: { commands: { curl: "curl" } },
  states: ["alive", "crashed", "hung", "partitioned", "dead"],
  pollMs: 0,
  rounds: 1,
  start: async (world) => {
    const door = await world.door("curl");
    const { stdout } = await execute("curl", ["--version"]);
    return {
      version: stdout.split(" ").slice(0, 2).join(" "),
      observe: async (state) => {
        const url = `${door.url}${pathOf(world.pairs[state].primary.key)}/failover`;
        const header = `Authorization: Bearer ${world.readToken}`;
        const line = ["--fail", "--silent", "--max-time", "2", "--output", "/dev/null", "--header", header];
        const code = await execute("curl", [...line, url]).then(
          () => 0,
          (error: { code: number }) => error.code,
        );
        return { did: code === 0 ? "promotes" : "holds", detail: `exit ${code}` };
      },
      stop: async () => undefined,
    };
  },
  expects: (state, fault) => (fault === "fine" && TRUTHS[state].failover === 200 ? "promotes" : "holds"),
  isSwitch: (did) => did === "promotes",
};
