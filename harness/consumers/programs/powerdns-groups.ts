/** PowerDNS answers with a group's addresses. */
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import { askTwelveTimes } from "../answers.ts";
import type { Consumer, Running } from "../consumer.ts";
import { Daemon } from "../daemon.ts";
import { exampleFile, fillExample } from "../example.ts";
import { tokenIn } from "../exporter.ts";
import { leaderOf, leadsIn, poolOf, servesIn } from "../groups.ts";
import type { State } from "../state.ts";
import type { World } from "../world.ts";
import { naiveZone, SHARED, startPowerDns, zoneOf } from "./powerdns.ts";

const READY_WITHIN_MS = 20_000;
const STATES = ["alive", "crashed", "hung", "partitioned", "lost"] as const;

/** The shipped script, which keeps a group's file; resolves once the file exists. */
const startKeeper = async (url: string, token: string, group: string, dir: string): Promise<Daemon> => {
  const file = join(dir, group);
  const script = exampleFile("powerdns/parallax-addresses");
  const daemon = new Daemon(`parallax-addresses ${group}`, [script, group, url, token, file, "2"]);
  const isThere = (): Promise<boolean> =>
    access(file).then(
      () => true,
      () => false,
    );
  await until(isThere, { withinMs: READY_WITHIN_MS, explain: () => daemon.log });
  return daemon;
};

const start =
  (name: string, label: string, groupOf: (state: State) => string) =>
  async (world: World): Promise<Running> => {
    const { url } = await world.door(name);
    const dir = join(world.dir, name);
    const files = join(dir, "files");
    await mkdir(files, { recursive: true });
    const token = await tokenIn(dir, world);
    const keepers = await Promise.all(STATES.map((state) => startKeeper(url, token, groupOf(state), files)));
    const zones: Record<string, string> = {};
    for (const state of STATES)
      zones[zoneOf(state)] = await fillExample("powerdns/group.zone", {
        ZONE: zoneOf(state),
        FILES: files,
        POOL: poolOf(state),
        LEADER: leaderOf(state),
        PRIMARY: world.pairs[state].primary.address,
        STANDBY: world.pairs[state].standby.address,
      });
    const { version, port, daemon } = await startPowerDns(dir, await freePort(), zones);
    return {
      version,
      observe: (state) => {
        for (const one of [daemon, ...keepers]) one.mustRun();
        return askTwelveTimes(port, `${label}.${zoneOf(state)}`, world.pairs[state]);
      },
      stop: async () => {
        await Promise.all([daemon, ...keepers].map((one) => one.stop()));
      },
    };
  };

const NEEDS = { commands: { ...SHARED.needs.commands, curl: "curl" } };

export const powerDnsPool: Consumer = {
  ...SHARED,
  needs: NEEDS,
  name: "powerdns-pool",
  title: "PowerDNS Lua record `www` of a group that is a pool: its file, kept by `parallax-addresses`",
  recommended: true,
  example: "examples/powerdns/group.zone",
  states: STATES,
  start: start("powerdns-pool", "www", poolOf),
  expects: servesIn,
  isSwitch: (did) => did !== "both",
};

export const powerDnsLeader: Consumer = {
  ...SHARED,
  needs: NEEDS,
  name: "powerdns-leader",
  title: "PowerDNS Lua record `db` of a group with a leader: its file, kept by `parallax-addresses`",
  recommended: true,
  example: "examples/powerdns/group.zone",
  states: STATES,
  start: start("powerdns-leader", "db", leaderOf),
  expects: leadsIn,
};

const NAIVE = ["alive", "crashed"] as const;

export const powerDnsServing: Consumer = {
  ...SHARED,
  name: "powerdns-serving",
  title: "PowerDNS Lua record, each address with its own `…/serving` of a group with a leader",
  recommended: false,
  caution: "Our outage makes every address look down, and PowerDNS answers with any of them: a split brain.",
  states: NAIVE,
  start: async (world) => {
    const door = await world.door("powerdns-serving");
    const zones = NAIVE.map((state): [string, string] => {
      const members = `${door.url}/k/${world.readToken}/v1/groups/${leaderOf(state)}/members`;
      const zone = zoneOf(state);
      return [
        zone,
        naiveZone(zone, world.pairs[state], ({ site, target }) => `${members}/${site}/${target}/serving`),
      ];
    });
    const dir = join(world.dir, "powerdns-serving");
    const { version, port, daemon } = await startPowerDns(dir, await freePort(), Object.fromEntries(zones));
    return {
      version,
      observe: (state) => {
        daemon.mustRun();
        return askTwelveTimes(port, `www.${zoneOf(state)}`, world.pairs[state]);
      },
      stop: () => daemon.stop(),
    };
  },
  // All are down: PowerDNS picks any address.
  expects: (state, fault) => (fault === "fine" ? leadsIn(state) : "both"),
};
