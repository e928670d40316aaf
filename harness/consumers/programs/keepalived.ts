import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../../scripts/until.ts";
import { run } from "../../lab/namespace.ts";
import type { Consumer, Row, Running } from "../consumer.ts";
import type { Daemon } from "../daemon.ts";
import { exampleFile, fillExample } from "../example.ts";
import { startExporter, tokenIn } from "../exporter.ts";
import type { Door, Fault } from "../faults.ts";
import { leaderOf, leadsIn, makeGroups } from "../groups.ts";
import { ALL_STATES, type State, TRUTHS } from "../state.ts";
import { commandOf, HOSTS, INTERFACE, Wire, type WireHost } from "../wire.ts";
import type { Pair, World } from "../world.ts";

const STATES = ["alive", "gray", "crashed", "hung", "partitioned", "unreachable"] as const;
const SOME: readonly State[] = ["alive", "crashed", "partitioned"];
const SETTLED_WITHIN_MS = 30_000;
/** The address of a pair whose primary is killed while the test watches; its site is named after the way. */
const MORTAL_ADDRESS = "10.99.0.99";

/** A way by which keepalived learns a node's state. */
interface Way {
  name: string;
  states: readonly State[];
  /** Whether one more primary is killed at the end. */
  isMortal: boolean;
  /** Processes that run beside it. */
  beside: (world: World, door: Door, dir: string) => Promise<Daemon[]>;
  /** The configuration of the watched node. */
  primary: (world: World, door: Door, dir: string, names: Names) => Promise<string>;
  /** The configuration of the other node, if it is not the shipped one that tracks nothing. */
  standby?: Way["primary"];
  holder: (state: State) => "primary" | "standby";
}
type Names = Record<"TARGET" | "INTERFACE" | "ADDRESS", string> & { ROUTER_ID: number };

const addressOf = (site: string): string =>
  ALL_STATES.some((state) => state === site)
    ? `10.99.0.${[...ALL_STATES].findIndex((one) => one === site) + 10}`
    : MORTAL_ADDRESS;

const sitesOf = ({ name, states, isMortal }: Way): string[] => [...states, ...(isMortal ? [name] : [])];

/** The instance is named after its site; the world's targets are all named "primary". */
const targetOf = (site: string): string => `${site}/primary`;

/** The lines of a host's own file besides the example. */
const MAIN = (dir: string): string =>
  `global_defs {\n  script_user root\n  enable_script_security\n}\ninclude ${dir}/*.conf\n`;

const writeConfigurations = async (world: World, door: Door, dir: string, way: Way): Promise<void> => {
  for (const host of HOSTS) {
    await mkdir(join(dir, host), { recursive: true });
    await writeFile(join(dir, `${host}.conf`), MAIN(join(dir, host)));
    for (const [index, site] of sitesOf(way).entries()) {
      const names = { TARGET: site, INTERFACE, ROUTER_ID: index + 1, ADDRESS: `${addressOf(site)}/24` };
      const plain = (): Promise<string> => fillExample("keepalived/standby.conf", { ...names });
      const text = await (host === "primary" ? way.primary : (way.standby ?? plain))(world, door, dir, names);
      await writeFile(join(dir, host, `${site}.conf`), text);
    }
  }
};

const layWire = async (): Promise<Wire> => {
  const curl = (await run(["sh", "-c", "command -v curl"])).trim();
  return Wire.lay({ "parallax-avoid": [exampleFile("check/parallax-avoid")], curl: [curl] });
};

const startHost = (wire: Wire, host: WireHost, dir: string): Daemon => {
  const place = ["--use-file", join(dir, `${host}.conf`)];
  const pids = ["--pid", `/run/${host}.pid`, "--vrrp_pid", `/run/${host}-vrrp.pid`];
  return wire.start(host, ["keepalived", "--dont-fork", "--log-console", "--vrrp", ...place, ...pids]);
};

/** The node that holds a site's address. */
const holderOf =
  (wire: Wire) =>
  async (site: string): Promise<string> => {
    const held = await Promise.all(HOSTS.map((host) => wire.addresses(host)));
    return HOSTS.filter((_, index) => held[index]?.includes(addressOf(site))).join(" and ") || "nobody";
  };

/** Starts one host after the other: the first takes every address it may, and the second finds these taken. */
const startHosts = async (wire: Wire, dir: string, way: Way): Promise<void> => {
  const whoHas = holderOf(wire);
  const sites = sitesOf(way);
  const wanted = sites.map((site) => {
    const state = way.states.find((one) => one === site);
    return state === undefined ? "primary" : way.holder(state);
  });
  for (const host of HOSTS) {
    const daemon = startHost(wire, host, dir);
    await until(
      async () => {
        daemon.mustRun();
        const owners = await Promise.all(sites.map(whoHas));
        return owners.every(
          (owner, index) =>
            owner === wanted[index] ||
            (host === "primary" && owner === "nobody" && wanted[index] === "standby"),
        );
      },
      { withinMs: SETTLED_WITHIN_MS, explain: () => `the addresses did not settle:\n${daemon.log}` },
    );
  }
};

/** From `kill -9` of a primary to the moment its address has moved. */
const killed = async (name: string, wire: Wire, { primary }: Pair): Promise<Row[]> => {
  const whoHas = holderOf(wire);
  const begin = performance.now();
  await primary.node.kill();
  const did = await until(async () => [await whoHas(name)].find((holder) => holder === "standby"), {
    withinMs: SETTLED_WITHIN_MS,
    everyMs: 50,
    explain: async () => `its address is with ${await whoHas(name)}`,
  });
  const seconds = Number(((performance.now() - begin) / 1_000).toFixed(1));
  const row = {
    verdict: "process_crashed",
    fault: "fine",
    expected: "standby",
    did,
    ok: true,
    violations: 0,
  };
  return [
    { ...row, scenario: `${name}: killed`, seconds, detail: "from the kill until its address has moved" },
  ];
};

/** One address for each state, on one pair of keepaliveds. */
const start =
  (way: Way) =>
  async (world: World): Promise<Running> => {
    const door = await world.door(way.name);
    const dir = join(world.dir, way.name);
    const mortal = way.isMortal ? await world.pair(way.name) : undefined;
    if (mortal !== undefined) await makeGroups(world.detector.api, mortal);
    await writeConfigurations(world, door, dir, way);
    const beside = await way.beside(world, door, dir);
    const wire = await layWire();
    const stop = async (): Promise<void> => {
      await Promise.all([wire.stop(), ...beside.map((daemon) => daemon.stop())]);
    };
    try {
      await startHosts(wire, dir, way);
    } catch (error) {
      await stop();
      throw error;
    }
    const version = (await run(["sh", "-c", "keepalived --version 2>&1"])).split(" ").slice(0, 2).join(" ");
    const whoHas = holderOf(wire);
    return {
      version,
      observe: async (state: State) => {
        for (const daemon of beside) daemon.mustRun();
        return { did: await whoHas(state) };
      },
      ...(mortal === undefined ? {} : { also: () => killed(way.name, wire, mortal) }),
      stop,
    };
  };

const followsAvoid = (state: State): "primary" | "standby" =>
  TRUTHS[state].avoid === 200 ? "standby" : "primary";

const byFile: Way = {
  name: "keepalived",
  states: STATES,
  isMortal: true,
  beside: async (world, door, dir) => {
    const files = join(dir, "files");
    await mkdir(files, { recursive: true });
    const words = ["export-keepalived", ...sitesOf(byFile).map(targetOf), "--dir", files];
    return [await startExporter(world, door, dir, words)];
  },
  primary: async (_world, _door, dir, names) => {
    const { TARGET: site } = names;
    const values = { ...names, DIR: join(dir, "files"), SITE: site };
    const text = await fillExample("keepalived/primary.conf", values);
    return text.replace(`/${site}.${site}"`, `/${site}.primary"`);
  },
  holder: followsAvoid,
};

/** A node's own file in a group with a leader. */
const memberText =
  (TARGET: "primary" | "standby"): Way["primary"] =>
  (_world, _door, dir, { TARGET: site, ...names }) =>
    fillExample("keepalived/group.conf", {
      ...names,
      GROUP: leaderOf(site),
      SITE: site,
      TARGET,
      PRIORITY: TARGET === "primary" ? 150 : 100,
      DIR: join(dir, "files"),
    });

const byGroup: Way = {
  name: "keepalived-leader",
  states: ["alive", "crashed", "hung", "partitioned", "lost"],
  isMortal: true,
  beside: async (world, door, dir) => {
    const files = join(dir, "files");
    await mkdir(files, { recursive: true });
    const words = (site: string): string[] => [
      "export-keepalived",
      ...HOSTS.map((host) => `${site}/${host}`),
      "--group",
      leaderOf(site),
      "--dir",
      files,
    ];
    return Promise.all(sitesOf(byGroup).map((site) => startExporter(world, door, dir, words(site))));
  },
  primary: memberText("primary"),
  standby: memberText("standby"),
  holder: leadsIn,
};

const scriptText = async (world: World, door: Door, dir: string, names: Names): Promise<string> => {
  const { TARGET: state } = names;
  const TOKEN_FILE = await tokenIn(dir, world);
  const values = { ...names, SITE: state, PARALLAX_URL: door.url, TOKEN_FILE };
  const text = await fillExample("keepalived/primary-script.conf", values);
  return text
    .replace("/usr/local/bin/parallax-avoid", commandOf("parallax-avoid"))
    .replace(` ${state}/${state} `, ` ${targetOf(state)} `);
};

const byScript: Way = {
  name: "keepalived-script",
  states: SOME,
  isMortal: false,
  beside: async () => [],
  primary: scriptText,
  holder: followsAvoid,
};

/** The obvious way, with keepalived's defaults. */
const byUp: Way = {
  name: "keepalived-up",
  states: SOME,
  isMortal: false,
  beside: async () => [],
  primary: async (world, door, dir, names) =>
    (await scriptText(world, door, dir, names))
      .replace("    nopreempt\n", "")
      .replace(
        /script "\S+ (\S+)\/(\S+) (\S+) \S+"/,
        `script "${commandOf("curl")} --fail --silent --output /dev/null --max-time 2 --user :${world.readToken} $3/v1/sites/$1/targets/$2/up"`,
      ),
  holder: followsAvoid,
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

const isSwitch = (did: string): boolean => did !== "primary";
export const keepalived: Consumer = {
  needs: NEEDS,
  name: byFile.name,
  title: "keepalived `track_file`, kept by `parallax export-keepalived`, `nopreempt`",
  recommended: true,
  example: "examples/keepalived",
  states: byFile.states,
  pollMs: 2_000,
  rounds: 4,
  start: start(byFile),
  expects: followsAvoid,
  isSwitch,
};

export const keepalivedLeader: Consumer = {
  needs: NEEDS,
  name: byGroup.name,
  title: "keepalived `track_file` of a group with a leader, kept by `parallax export-keepalived --group`",
  recommended: true,
  example: "examples/keepalived/group.conf",
  states: byGroup.states,
  pollMs: 2_000,
  rounds: 4,
  start: start(byGroup),
  expects: leadsIn,
  isSwitch,
};

export const keepalivedScript: Consumer = {
  needs: NEEDS,
  name: byScript.name,
  title: "keepalived `track_script` with `parallax-avoid`, `nopreempt`",
  recommended: true,
  example: "examples/keepalived/primary-script.conf",
  states: byScript.states,
  pollMs: 5_000,
  rounds: 3,
  start: start(byScript),
  expects: followsAvoid,
  isSwitch,
};

export const keepalivedUp: Consumer = {
  needs: NEEDS,
  name: byUp.name,
  title: "keepalived `track_script` with `curl --fail …/up`",
  recommended: false,
  caution: "Every error of ours is the primary's fault: its address moves on the day we are down.",
  states: byUp.states,
  pollMs: 5_000,
  rounds: 3,
  start: start(byUp),
  expects: (state: State, fault: Fault) =>
    fault === "fine" && TRUTHS[state].up === 200 ? "primary" : "standby",
  isSwitch,
};
