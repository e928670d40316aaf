import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import { askTwelveTimes } from "../answers.ts";
import type { Consumer, Running } from "../consumer.ts";
import { Daemon } from "../daemon.ts";
import { resolve } from "../dns.ts";
import { exampleFile, fillExample } from "../example.ts";
import { startExporter, tokenIn } from "../exporter.ts";
import type { Door } from "../faults.ts";
import { leaderOf, leadsIn, poolOf, servesIn } from "../groups.ts";
import { type State, STATES, TRUTHS } from "../state.ts";
import { versionOf } from "../version.ts";
import type { Pair, World } from "../world.ts";

const READY_WITHIN_MS = 10_000;
const NEEDS = { commands: { gdnsd: "gdnsd", curl: "curl" } } as const;
/** One name, for every item of gdnsd's configuration that needs a name. */
const NAME = "db";
const ZONE = "example.com";

export interface Gdnsd {
  port: number;
  daemon: Daemon;
}

/** A configuration, from the values that depend on where it runs. */
export type ConfigOf = (places: { LISTEN: string; RUN_DIR: string; STATE_DIR: string }) => Promise<string>;

/** Starts one gdnsd in a directory of its own. It answers once its first round of monitoring is complete. */
export const startGdnsd = async (dir: string, plugin: string, configOf: ConfigOf): Promise<Gdnsd> => {
  await mkdir(join(dir, "zones"), { recursive: true });
  const port = await freePort();
  const [RUN_DIR, STATE_DIR] = [join(dir, "run"), join(dir, "state")];
  await writeFile(join(dir, "config"), await configOf({ LISTEN: `127.0.0.1:${port}`, RUN_DIR, STATE_DIR }));
  await writeFile(join(dir, "zones", ZONE), await fillExample("gdnsd/zone", { NAME, PLUGIN: plugin }));
  const daemon = new Daemon("gdnsd", ["gdnsd", "-c", dir, "start"]);
  await until(
    () => {
      daemon.mustRun();
      return resolve(port, `ns.${ZONE}`, 200).catch(() => undefined);
    },
    { withinMs: READY_WITHIN_MS, explain: () => daemon.log },
  );
  return { port, daemon };
};

/** The addresses that it names for its one service. */
export const addressesBy = ({ port }: Gdnsd): Promise<string[]> => resolve(port, `www.${ZONE}`);

/** `parallax export-gdnsd`, which keeps one file for all targets, or for a group; resolves once the file exists. */
export const startGdnsdExporter = async (world: World, door: Door, dir: string, group?: string) => {
  const file = join(dir, group ?? "parallax");
  const more = group === undefined ? [] : ["--group", group];
  return { file, exporter: await startExporter(world, door, dir, ["export-gdnsd", "--out", file, ...more]) };
};

/** Starts one gdnsd for each state. */
const startEach = async (
  world: World,
  states: readonly State[],
  start: (state: State, pair: Pair) => Promise<Gdnsd>,
  others: readonly Daemon[],
): Promise<Running> => {
  const servers = new Map<State, Gdnsd>();
  for (const state of states) servers.set(state, await start(state, world.pairs[state]));
  const daemons = [...others, ...[...servers.values()].map(({ daemon }) => daemon)];
  return {
    version: versionOf("gdnsd", [], /gdnsd version [\d.]+/),
    observe: (state) => {
      for (const daemon of daemons) daemon.mustRun();
      return askTwelveTimes(servers.get(state)?.port ?? 0, `www.${ZONE}`, world.pairs[state]);
    },
    stop: async () => {
      await Promise.all(daemons.map((daemon) => daemon.stop()));
    },
  };
};

export const gdnsdExtfile: Consumer = {
  name: "gdnsd-extfile",
  title: "gdnsd `extfile`, kept by `parallax export-gdnsd`",
  recommended: true,
  example: "examples/gdnsd/config",
  needs: NEEDS,
  states: STATES,
  pollMs: 2_000,
  rounds: 4,
  start: async (world) => {
    const dir = join(world.dir, "gdnsd-extfile");
    const { file, exporter } = await startGdnsdExporter(world, await world.door("gdnsd-extfile"), dir);
    const start = (state: State, { primary, standby }: Pair): Promise<Gdnsd> =>
      startGdnsd(join(dir, state), "simplefo", (places) =>
        fillExample("gdnsd/config", {
          ...places,
          NAME,
          EXTFILE: file,
          PRIMARY: primary.address,
          STANDBY: standby.address,
        }),
      );
    return startEach(world, STATES, start, [exporter]);
  },
  expects: (state) => (TRUTHS[state].avoid === 200 ? "standby" : "primary"),
  isSwitch: (did) => did !== "primary",
};

const GROUP_STATES = ["alive", "crashed", "hung", "lost"] as const;

const startGroups =
  (name: string, groupOf: (state: State) => string) =>
  async (world: World): Promise<Running> => {
    const door = await world.door(name);
    const dir = join(world.dir, name);
    const kept = await Promise.all(
      GROUP_STATES.map(async (state) => {
        const { file, exporter } = await startGdnsdExporter(world, door, dir, groupOf(state));
        return { state, file, exporter };
      }),
    );
    const start = (state: State, { primary, standby }: Pair): Promise<Gdnsd> =>
      startGdnsd(join(dir, state), "multifo", (places) =>
        fillExample("gdnsd/config-group", {
          ...places,
          NAME,
          EXTFILE: kept.find((one) => one.state === state)?.file ?? "",
          PRIMARY: primary.address,
          STANDBY: standby.address,
        }),
      );
    const exporters = kept.map(({ exporter }) => exporter);
    return startEach(world, GROUP_STATES, start, exporters);
  };

const GROUPS = {
  recommended: true,
  example: "examples/gdnsd/config-group",
  needs: NEEDS,
  states: GROUP_STATES,
  pollMs: 2_000,
  rounds: 4,
} as const;

export const gdnsdPool: Consumer = {
  ...GROUPS,
  name: "gdnsd-pool",
  title: "gdnsd `extfile` of a group that is a pool, kept by `parallax export-gdnsd --group`",
  start: startGroups("gdnsd-pool", poolOf),
  expects: servesIn,
  isSwitch: (did) => did !== "both",
};

export const gdnsdLeader: Consumer = {
  ...GROUPS,
  name: "gdnsd-leader",
  title: "gdnsd `extfile` of a group with a leader, kept by `parallax export-gdnsd --group`",
  start: startGroups("gdnsd-leader", leaderOf),
  expects: leadsIn,
  isSwitch: (did) => did !== "primary",
};

const COMMAND_STATES = ["alive", "crashed", "partitioned"] as const;

export const gdnsdExtmon: Consumer = {
  name: "gdnsd-extmon",
  title: "gdnsd `extmon` with `parallax-avoid`",
  recommended: true,
  caution: "A command has no memory: while we are away a primary that is dead is named again.",
  example: "examples/gdnsd/config-extmon",
  needs: NEEDS,
  states: COMMAND_STATES,
  pollMs: 5_000,
  rounds: 3,
  start: async (world) => {
    const door = await world.door("gdnsd-extmon");
    const dir = join(world.dir, "gdnsd-extmon");
    const token = await tokenIn(dir, world);
    const start = (state: State, { primary, standby }: Pair): Promise<Gdnsd> =>
      startGdnsd(join(dir, state), "metafo", async (places) => {
        const text = await fillExample("gdnsd/config-extmon", {
          ...places,
          NAME,
          SITE: primary.key.site,
          TARGET: primary.key.target,
          PARALLAX_URL: door.url,
          TOKEN_FILE: token,
          PRIMARY: primary.address,
          STANDBY: standby.address,
        });
        // The script in this repository, in place of the installed one.
        return text.replace("/usr/local/bin/parallax-avoid", exampleFile("check/parallax-avoid"));
      });
    return startEach(world, COMMAND_STATES, start, []);
  },
  // A command has no memory: if it has no answer, the target is up.
  expects: (state, fault) => (fault === "fine" && TRUTHS[state].avoid === 200 ? "standby" : "primary"),
  isSwitch: (did) => did !== "primary",
};
