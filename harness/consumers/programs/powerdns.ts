import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import { type Key, pathOf } from "../../../scripts/detector-api.ts";
import { until } from "../../../scripts/until.ts";
import { askTwelveTimes } from "../answers.ts";
import type { Consumer, Running } from "../consumer.ts";
import { Daemon } from "../daemon.ts";
import { resolve } from "../dns.ts";
import { fillExample } from "../example.ts";
import type { Door, Fault } from "../faults.ts";
import { type State, STATES, TRUTHS } from "../state.ts";
import { versionOf } from "../version.ts";
import type { Pair, World } from "../world.ts";

/** The interval in the shipped example, in milliseconds. */
const CHECK_EVERY_MS = 2_000;
const READY_WITHIN_MS = 10_000;

/** A PowerDNS with one zone for each state. */
export interface NameServer {
  version: string;
  port: number;
  daemon: Daemon;
}

/** Starts one PowerDNS in a directory of its own; `zones` by their names, `more` for its command line. */
export const startPowerDns = async (
  dir: string,
  page: number,
  zones: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<NameServer> => {
  await mkdir(dir, { recursive: true });
  const parts = Object.keys(zones).map((ZONE) => fillExample("powerdns/named.conf", { ZONE, ZONES: dir }));
  await writeFile(join(dir, "named.conf"), (await Promise.all(parts)).join(""));
  await writeFile(join(dir, "pdns.conf"), await fillExample("powerdns/pdns.conf", {}));
  for (const [name, text] of Object.entries(zones)) await writeFile(join(dir, `${name}.zone`), text);
  const port = await freePort();
  const daemon = new Daemon("pdns_server", [
    "pdns_server",
    "--daemon=no",
    "--guardian=no",
    `--config-dir=${dir}`,
    `--socket-dir=${dir}`,
    `--bind-config=${join(dir, "named.conf")}`,
    "--local-address=127.0.0.1",
    `--local-port=${port}`,
    `--webserver-port=${page}`,
    ...more,
  ]);
  const [first = ""] = Object.keys(zones);
  await until(
    async () => {
      daemon.mustRun();
      return resolve(port, `ns.${first}`, 200).catch(() => undefined);
    },
    { withinMs: READY_WITHIN_MS, explain: () => daemon.log },
  );
  const version = versionOf("pdns_server", ["--version"], /PowerDNS Authoritative Server [\d.]+/);
  return { version, port, daemon };
};

/** The shipped zone, for one pair. */
export const exampleZone = (
  name: string,
  world: World,
  door: Door,
  page: number,
  pair: Pair,
): Promise<string> =>
  fillExample("powerdns/example.zone", {
    ZONE: name,
    ALWAYS_UP: `http://127.0.0.1:${page}/`,
    PRIMARY: pair.primary.address,
    STANDBY: pair.standby.address,
    PARALLAX_URL: door.url,
    READ_TOKEN: world.readToken,
    SITE: pair.primary.key.site,
    TARGET: pair.primary.key.target,
  });

/** The obvious way: each address with its own URL. */
export const naiveZone = (name: string, pair: Pair, urlOf: (key: Key) => string): string => {
  const group = ({ address, key }: Pair["primary"]): string => `{['${address}'] = '${urlOf(key)}'}`;
  return `$ORIGIN ${name}.
$TTL 10
@   IN SOA ns hostmaster 1 3600 600 86400 10
@   IN NS  ns
ns  IN A   127.0.0.1
www IN LUA A ( "ifurlextup({ " "${group(pair.primary)}, " "${group(pair.standby)} })" )
`;
};

export const zoneOf = (state: State): string => `${state}.example`;

const start =
  (name: string, label: string, isNaive: boolean, states: readonly State[]) =>
  async (world: World): Promise<Running> => {
    const door = await world.door(name);
    const page = await freePort();
    const zones: Record<string, string> = {};
    for (const state of states)
      zones[zoneOf(state)] = isNaive
        ? naiveZone(
            zoneOf(state),
            world.pairs[state],
            (key) => `${door.url}/k/${world.readToken}${pathOf(key)}/up`,
          )
        : await exampleZone(zoneOf(state), world, door, page, world.pairs[state]);
    const { version, port, daemon } = await startPowerDns(join(world.dir, name), page, zones);
    return {
      version,
      observe: (state) => {
        daemon.mustRun();
        return askTwelveTimes(port, `${label}.${zoneOf(state)}`, world.pairs[state]);
      },
      stop: () => daemon.stop(),
    };
  };

export const SHARED = {
  needs: { commands: { pdns_server: "pdns-server pdns-backend-bind" } },
  pollMs: CHECK_EVERY_MS,
  // One check is enough to change its answer; three more show that the answer stays.
  rounds: 4,
  isSwitch: (did: string): boolean => did !== "primary",
} as const;

/** Services any node may serve: DNS leaves a node that is to be avoided. */
export const powerDnsAvoid: Consumer = {
  ...SHARED,
  name: "powerdns-avoid",
  title: "PowerDNS Lua record `www`: `/avoid`, back with `/up`",
  recommended: true,
  example: "examples/powerdns",
  states: STATES,
  start: start("powerdns-avoid", "www", false, STATES),
  expects: (state) => (TRUTHS[state].avoid === 200 ? "standby" : "primary"),
};

/** Single leaders: DNS follows only where a successor may take over. */
export const powerDnsFailover: Consumer = {
  ...SHARED,
  name: "powerdns-failover",
  title: "PowerDNS Lua record `db`: `/failover`",
  recommended: true,
  example: "examples/powerdns",
  states: STATES,
  start: start("powerdns-failover", "db", false, STATES),
  expects: (state) => (TRUTHS[state].failover === 200 ? "standby" : "primary"),
};

const NAIVE_STATES = ["alive", "crashed"] as const;

/** The polarity that makes our outage its split brain. */
export const powerDnsUp: Consumer = {
  ...SHARED,
  name: "powerdns-up",
  title: "PowerDNS Lua record, each address with its own `/up`",
  recommended: false,
  caution: "Our outage makes every address look down, and PowerDNS answers with any of them: a split brain.",
  states: NAIVE_STATES,
  start: start("powerdns-up", "www", true, NAIVE_STATES),
  expects: (state, fault: Fault) => {
    if (fault === "fine") return TRUTHS[state].up === 200 ? "primary" : "standby";
    // All down: a lottery over all addresses.
    return "both";
  },
};
