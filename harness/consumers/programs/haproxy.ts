import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import type { Consumer, Running } from "../consumer.ts";
import { Daemon } from "../daemon.ts";
import { exampleFile, fillExample } from "../example.ts";
import { programLine, tokenIn } from "../exporter.ts";
import type { Door, Fault } from "../faults.ts";
import { type State, STATES, TRUTHS } from "../state.ts";
import type { Pair, World } from "../world.ts";
import { HaProxy, type Section } from "./haproxy-process.ts";

export const NEEDS = { commands: { haproxy: "haproxy", curl: "curl" } } as const;
const ALL = ["alive", "gray", "crashed", "hung", "partitioned", "dead", "unreachable", "paused"] as const;

const addressOf = ({ address, port }: Pair["primary"]): string => `${address}:${port}`;

/** Placeholders that all of the examples have. */
export const placesOf = (state: string, { primary, standby }: Pair) => ({
  SITE: state,
  PRIMARY: addressOf(primary),
  STANDBY: addressOf(standby),
});

/** Placeholders of the examples that ask over HTTP. */
export const pollsOf = (world: World, door: Door) => ({
  PARALLAX_HOST: `127.0.0.1:${door.port}`,
  READ_TOKEN: world.readToken,
});

const sectionsOf = (
  states: readonly State[],
  section: (state: State) => Section,
): Readonly<Record<string, Section>> => Object.fromEntries(states.map((state) => [state, section(state)]));

const runningOf = async (haproxy: HaProxy, stop = () => haproxy.stop()): Promise<Running> => ({
  version: HaProxy.version,
  observe: (state) => haproxy.observe(state),
  stop,
});

/** A primary and its standby: traffic follows /avoid. */
export const haproxyAvoid: Consumer = {
  name: "haproxy-avoid",
  title: "HAProxy `httpchk` of `/avoid`: its 200 takes the primary out",
  recommended: true,
  example: "examples/haproxy/avoid.cfg",
  needs: NEEDS,
  states: ALL,
  pollMs: 2_000,
  rounds: 4,
  start: async (world) => {
    const door = await world.door("haproxy-avoid");
    const section =
      (state: State): Section =>
      (BIND) =>
        fillExample("haproxy/avoid.cfg", {
          ...placesOf(state, world.pairs[state]),
          ...pollsOf(world, door),
          PARALLAX_ADDRESS: `127.0.0.1:${door.port}`,
          BIND,
        });
    return runningOf(await HaProxy.start(join(world.dir, "haproxy-avoid"), sectionsOf(ALL, section)));
  },
  expects: (state) => (TRUTHS[state].avoid === 200 ? "standby" : "primary"),
  isSwitch: (did) => did !== "primary",
};

const EXTERNAL = ["alive", "crashed", "partitioned"] as const;

export const haproxyExternal: Consumer = {
  name: "haproxy-external",
  title: "HAProxy `external-check` with `parallax-avoid`",
  recommended: true,
  caution: "A script has no memory: while we are away requests go to the primary again, dead or not.",
  example: "examples/haproxy/external.cfg",
  needs: NEEDS,
  states: EXTERNAL,
  pollMs: 5_000,
  rounds: 3,
  start: async (world) => {
    const door = await world.door("haproxy-external");
    const dir = join(world.dir, "haproxy-external");
    const CHECK = join(dir, "parallax-check");
    const token = await tokenIn(dir, world);
    const script = await fillExample("haproxy/parallax-check", { PARALLAX_URL: door.url, TOKEN_FILE: token });
    // The script in this repository, in place of the installed one.
    await writeFile(
      CHECK,
      script.replace("exec parallax-avoid", `exec ${exampleFile("check/parallax-avoid")}`),
    );
    await chmod(CHECK, 0o755);
    const section =
      (state: State): Section =>
      (BIND) =>
        fillExample("haproxy/external.cfg", { ...placesOf(state, world.pairs[state]), CHECK, BIND });
    return runningOf(await HaProxy.start(dir, sectionsOf(EXTERNAL, section)));
  },
  expects: (state, fault) => (fault === "fine" && TRUTHS[state].avoid === 200 ? "standby" : "primary"),
  isSwitch: (did) => did !== "primary",
};

const POOL = ["alive", "crashed", "hung", "partitioned", "paused"] as const;

/** A pool without an agent: the best possible with /up. */
export const haproxyUp: Consumer = {
  name: "haproxy-up",
  title: "HAProxy `httpchk` of `/up`, only 503 is down, unchecked twins behind",
  recommended: false,
  caution:
    "Cannot be made safe: HAProxy takes a refused connection to the checker for the server's death, whatever is expected. One member goes before the other, then all are used, the dead among them.",
  example: "examples/haproxy/up.cfg",
  needs: NEEDS,
  states: POOL,
  pollMs: 2_000,
  rounds: 4,
  start: async (world) => {
    const door = await world.door("haproxy-up");
    const section =
      (state: State): Section =>
      (BIND) =>
        fillExample("haproxy/up.cfg", {
          ...placesOf(state, world.pairs[state]),
          ...pollsOf(world, door),
          PARALLAX_ADDRESS: "127.0.0.1",
          PARALLAX_PORT: door.port,
          BIND,
        });
    return runningOf(await HaProxy.start(join(world.dir, "haproxy-up"), sectionsOf(POOL, section)));
  },
  // If it has no answer, it sends to both.
  expects: (state, fault) =>
    (fault === "fine" || fault === "slow") && TRUTHS[state].up === 503 ? "standby" : "both",
  isSwitch: (did) => did !== "both",
};

const PLAIN = ["alive", "crashed"] as const;

/** The obvious way. */
const plainSection =
  ({ SITE, PRIMARY, STANDBY }: ReturnType<typeof placesOf>, door: Door, token: string): Section =>
  async (bind) =>
    `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend ${SITE}
  bind ${bind}
  default_backend ${SITE}
backend ${SITE}
  option httpchk
  http-check send meth GET uri-lf /v1/sites/%[be_name]/targets/%[srv_name]/up ver HTTP/1.1 hdr Host 127.0.0.1 hdr Authorization "Bearer ${token}"
  server primary ${PRIMARY} check addr 127.0.0.1 port ${door.port}
  server standby ${STANDBY} check addr 127.0.0.1 port ${door.port}
`;

export const haproxyPlain: Consumer = {
  name: "haproxy-plain",
  title: "HAProxy `httpchk` of `/up` and no more",
  recommended: false,
  caution: "Our outage takes every server down: the service is gone until we are back.",
  needs: NEEDS,
  states: PLAIN,
  pollMs: 2_000,
  // Three failures in a row, its default.
  rounds: 5,
  start: async (world) => {
    const door = await world.door("haproxy-plain");
    const section = (state: State): Section =>
      plainSection(placesOf(state, world.pairs[state]), door, world.readToken);
    return runningOf(await HaProxy.start(join(world.dir, "haproxy-plain"), sectionsOf(PLAIN, section)));
  },
  expects: (state, fault: Fault) => {
    if (fault === "fine") return TRUTHS[state].up === 503 ? "standby" : "both";
    return "none";
  },
  isSwitch: (did) => did !== "both",
};

/** `parallax haproxy-agent` beside HAProxy; resolves with the port on which it answers. */
export const startAgent = async (world: World, door: Door, dir: string) => {
  const token = await tokenIn(dir, world);
  const port = await freePort();
  const line = programLine(world, door, token, ["haproxy-agent", "--listen", `127.0.0.1:${port}`]);
  return { port, agent: new Daemon("parallax haproxy-agent", line) };
};

/** A pool whose members take their state from an agent, which keeps the last state while we are away. */
export const haproxyAgent: Consumer = {
  name: "haproxy-agent",
  title: "HAProxy `agent-check` with `parallax haproxy-agent`, its own check beside it",
  recommended: true,
  example: "examples/haproxy/agent.cfg",
  needs: NEEDS,
  states: STATES,
  pollMs: 2_000,
  // Longer than the 15 s for which the agent itself repeats the last answer.
  rounds: 9,
  start: async (world) => {
    const dir = join(world.dir, "haproxy-agent");
    const { port, agent } = await startAgent(world, await world.door("haproxy-agent"), dir);
    const section =
      (state: State): Section =>
      (BIND) =>
        fillExample("haproxy/agent.cfg", { ...placesOf(state, world.pairs[state]), AGENT_PORT: port, BIND });
    const haproxy = await HaProxy.start(dir, sectionsOf(STATES, section));
    return {
      ...(await runningOf(haproxy)),
      observe: (state) => {
        agent.mustRun();
        return haproxy.observe(state);
      },
      stop: async () => {
        await Promise.all([haproxy.stop(), agent.stop()]);
      },
    };
  },
  expects: (state) => (TRUTHS[state].up === 503 ? "standby" : "both"),
  isSwitch: (did) => did !== "both",
};
