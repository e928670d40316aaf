import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../../scripts/until.ts";
import { run } from "../../lab/namespace.ts";
import type { Consumer, Running } from "../consumer.ts";
import { fillExample } from "../example.ts";
import type { Fault } from "../faults.ts";
import { type State, TRUTHS } from "../state.ts";
import { commandOf, HOSTS, INTERFACE, Wire, type WireHost } from "../wire.ts";
import type { World } from "../world.ts";

const STATES: readonly State[] = ["alive", "gray", "crashed", "hung", "partitioned", "unreachable"];
const SETTLED_WITHIN_MS = 30_000;
const POLL_MS = 5_000;

const addressOf = (state: State): string => `10.99.0.${STATES.indexOf(state) + 10}`;

/** What a host's own file says beside what the example does. */
const MAIN = (dir: string): string =>
  `global_defs {\n  script_user root\n  enable_script_security\n}\ninclude ${dir}/*.conf\n`;

/** One address for each state, on one pair of keepaliveds. */
const start =
  (name: string, change: (text: string) => string) =>
  async (world: World): Promise<Running> => {
    const door = await world.door(name);
    const dir = join(world.dir, name);
    const token = join(dir, "token");
    const text = async (host: WireHost, state: State): Promise<string> => {
      const names = {
        TARGET: state,
        INTERFACE,
        ROUTER_ID: STATES.indexOf(state) + 1,
        ADDRESS: `${addressOf(state)}/24`,
      };
      if (host === "standby") return fillExample("keepalived/standby.conf", names);
      const asking = {
        PARALLAX: commandOf("parallax"),
        PARALLAX_URL: door.url,
        TOKEN_FILE: token,
        SITE: state,
      };
      const filled = await fillExample("keepalived/primary.conf", { ...names, ...asking });
      // The instance is named after its state; the world's targets are all named "primary".
      return filled.replace(`check ${state}/${state} `, `check ${state}/primary `);
    };
    for (const host of HOSTS) {
      await mkdir(join(dir, host), { recursive: true });
      await writeFile(join(dir, `${host}.conf`), MAIN(join(dir, host)));
      for (const state of STATES)
        await writeFile(join(dir, host, `${state}.conf`), change(await text(host, state)));
    }
    await writeFile(token, `${world.readToken}\n`);
    const curl = (await run(["sh", "-c", "command -v curl"])).trim();
    const wire = await Wire.lay({ parallax: [process.execPath, world.program], curl: [curl] });
    const holders = async (): Promise<Record<WireHost, string[]>> => {
      const [primary, standby] = await Promise.all([wire.addresses("primary"), wire.addresses("standby")]);
      return { primary, standby };
    };
    let looking: ReturnType<typeof holders> | undefined;
    /** Several states are looked at in one breath. */
    const look = (): ReturnType<typeof holders> => {
      looking ??= holders().finally(() => {
        looking = undefined;
      });
      return looking;
    };
    const whoHas = async (state: State): Promise<string> => {
      const held = await look();
      return HOSTS.filter((host) => held[host].includes(addressOf(state))).join(" and ") || "nobody";
    };
    try {
      for (const host of HOSTS) {
        const place = ["--use-file", join(dir, `${host}.conf`)];
        const pids = ["--pid", `/run/${host}.pid`, "--vrrp_pid", `/run/${host}-vrrp.pid`];
        const daemon = wire.start(host, [
          "keepalived",
          "--dont-fork",
          "--log-console",
          "--vrrp",
          ...place,
          ...pids,
        ]);
        // The first to come takes what it may; the second finds it taken.
        await until(
          async () => {
            daemon.mustRun();
            const owners = await Promise.all(STATES.map(whoHas));
            const wanted = STATES.map((state) => (TRUTHS[state].avoid === 200 ? "standby" : "primary"));
            return owners.every(
              (owner, index) =>
                owner === wanted[index] ||
                (host === "primary" && owner === "nobody" && wanted[index] === "standby"),
            );
          },
          { withinMs: SETTLED_WITHIN_MS, explain: () => `the addresses did not settle:\n${daemon.log}` },
        );
      }
    } catch (error) {
      await wire.stop();
      throw error;
    }
    const version = (await run(["sh", "-c", "keepalived --version 2>&1"])).split(" ").slice(0, 2).join(" ");
    return {
      version,
      observe: async (state: State) => ({ did: await whoHas(state) }),
      stop: () => wire.stop(),
    };
  };

const NEEDS: Consumer["needs"] = {
  root: true,
  commands: {
    keepalived: "keepalived",
    ip: "iproute2",
    unshare: "util-linux",
    nsenter: "util-linux",
    curl: "curl",
  },
};

const BASE = {
  needs: NEEDS,
  states: STATES,
  pollMs: POLL_MS,
  rounds: 3,
  isSwitch: (did: string): boolean => did !== "primary",
};

export const keepalived: Consumer = {
  ...BASE,
  name: "keepalived",
  title: "keepalived, `track_script` with `parallax check --binary`, `nopreempt`",
  recommended: true,
  example: "examples/keepalived",
  start: start("keepalived", (text) => text),
  expects: (state) => (TRUTHS[state].avoid === 200 ? "standby" : "primary"),
};

/** The obvious way, with keepalived's defaults: every error of ours is the primary's fault. */
export const keepalivedUp: Consumer = {
  ...BASE,
  name: "keepalived-up",
  title: "keepalived, `track_script` with `curl --fail …/up`",
  recommended: false,
  start: start("keepalived-up", (text) =>
    text
      .replace("    nopreempt\n", "")
      .replace(
        /script "\S+ check (\S+)\/(\S+) .* --url (\S+) --token-file \S+"/,
        `script "${commandOf("curl")} --fail --silent --output /dev/null --max-time 2 --user :local-read $3/v1/sites/$1/targets/$2/up"`,
      ),
  ),
  expects: (state: State, fault: Fault) =>
    fault === "fine" && TRUTHS[state].up === 200 ? "primary" : "standby",
};
