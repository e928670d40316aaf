/** HAProxy's backends as groups: the detector decides which member serves or leads, and does not report each node's state. */
import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import type { Consumer, Running } from "../consumer.ts";
import { fillExample } from "../example.ts";
import { leaderOf, leadsIn, poolOf, servesIn } from "../groups.ts";
import { ALL_STATES, type State } from "../state.ts";
import type { Pair, World } from "../world.ts";
import { NEEDS, placesOf, pollsOf } from "./haproxy.ts";
import { HaProxy, type Section } from "./haproxy-process.ts";

const nameIn = ({ key: { site, target } }: Pair["primary"]): string => `${site}:${target}`;

/** One HAProxy with a backend for each state. */
const started = async (
  world: World,
  dir: string,
  states: readonly State[],
  groupOf: (state: State) => string,
  section: (state: State) => Section,
): Promise<Running> => {
  const sections = states.map((state) => [groupOf(state), section(state)]);
  const haproxy = await HaProxy.start(join(world.dir, dir), Object.fromEntries(sections));
  return {
    version: HaProxy.version,
    observe: (state) => {
      const { primary, standby } = world.pairs[state];
      return haproxy.observe(groupOf(state), [nameIn(primary), nameIn(standby)]);
    },
    stop: () => haproxy.stop(),
  };
};

const startExample =
  (name: string, file: string, groupOf: (state: State) => string) =>
  async (world: World): Promise<Running> => {
    const door = await world.door(name);
    const section =
      (state: State): Section =>
      async (BIND) =>
        fillExample(file, {
          ...placesOf(state, world.pairs[state]),
          ...pollsOf(world, door),
          GROUP: groupOf(state),
          STANDBY_SITE: world.pairs[state].standby.key.site,
          PARALLAX_ADDRESS: `127.0.0.1:${door.port}`,
          ASK_PORT: await freePort(),
          BIND,
        });
    return started(world, name, ALL_STATES, groupOf, section);
  };

const SHARED = { needs: NEEDS, pollMs: 2_000, rounds: 4 } as const;

export const haproxyPool: Consumer = {
  ...SHARED,
  name: "haproxy-pool",
  title: "HAProxy, a pool: `httpchk` of a group's `…/serving` by way of HAProxy itself, which remembers",
  recommended: true,
  example: "examples/haproxy/group-pool.cfg",
  states: ALL_STATES,
  start: startExample("haproxy-pool", "haproxy/group-pool.cfg", poolOf),
  expects: servesIn,
  isSwitch: (did) => did !== "both",
};

export const haproxyLeader: Consumer = {
  ...SHARED,
  name: "haproxy-leader",
  title: "HAProxy, writes to the leader of a group: the same memory, and no server until the leader is known",
  recommended: true,
  example: "examples/haproxy/group-leader.cfg",
  states: ALL_STATES,
  start: startExample("haproxy-leader", "haproxy/group-leader.cfg", leaderOf),
  expects: leadsIn,
  isSwitch: (did) => did !== "primary",
};

const PLAIN = ["alive", "crashed", "lost"] as const;

/** The obvious way. */
const plainSection =
  (state: State, { pairs, readToken }: World, port: number): Section =>
  async (bind) => {
    const { primary, standby } = pairs[state];
    const lines = [primary, standby].map(
      (one) => `  server ${nameIn(one)} ${one.address}:${one.port} check addr 127.0.0.1 port ${port}`,
    );
    return `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend ${poolOf(state)}
  bind ${bind}
  default_backend ${poolOf(state)}
backend ${poolOf(state)}
  option httpchk
  http-check send meth GET uri-lf /k/${readToken}/v1/groups/%[be_name]/members/%[srv_name,regsub(:,/)]/serving
${lines.join("\n")}
`;
  };

export const haproxyServing: Consumer = {
  ...SHARED,
  name: "haproxy-serving",
  title: "HAProxy `httpchk` of a group's `…/serving` and no more",
  recommended: false,
  caution: "Our outage takes every server down: the service is gone until we are back.",
  states: PLAIN,
  // Three failures in a row, its default.
  rounds: 5,
  start: async (world) => {
    const { port } = await world.door("haproxy-serving");
    return started(world, "haproxy-serving", PLAIN, poolOf, (state) => plainSection(state, world, port));
  },
  expects: (state, fault) => (fault === "fine" ? servesIn(state) : "none"),
  isSwitch: (did) => did !== "both",
};
