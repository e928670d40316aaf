import { execFile } from "node:child_process";
import { join } from "node:path";
import { run } from "../../lab/namespace.ts";
import type { Consumer, Running } from "../consumer.ts";
import { exampleFile, fillExample } from "../example.ts";
import { tokenIn } from "../exporter.ts";
import type { Door, Fault } from "../faults.ts";
import { type State, TRUTHS } from "../state.ts";
import type { World } from "../world.ts";

const PLUGINS = "/usr/lib/nagios/plugins";
const WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/** The command line of one command of the example, as Nagios would fill in its macros. */
const commandLine = async (world: World, door: Door, command: string): Promise<string> => {
  const text = await fillExample("nagios/parallax.cfg", {
    PARALLAX_URL: door.url,
    TOKEN_FILE: await tokenIn(join(world.dir, "nagios"), world),
    HOST: "127.0.0.1",
    PORT: door.port,
    READ_TOKEN: world.readToken,
  });
  const line = new RegExp(`command_name\\s+${command}\\s+command_line\\s+(.*)`).exec(text)?.[1];
  if (line === undefined) throw new Error(`no command ${command}`);
  // The script in this repository, in place of the installed one.
  return line.replace("$USER1$/check_parallax", exampleFile("check/check_parallax"));
};

/** The words of a command line, its macros filled in. */
const wordsOf = (line: string, macros: readonly string[]): string[] =>
  macros
    .reduce(
      (text, macro, index) => text.replaceAll(`$ARG${index + 1}$`, macro),
      line.replaceAll("$USER1$", PLUGINS),
    )
    .split(/\s+/);

/** What Nagios runs for one command of the example. */
export const nagiosLine = async (
  world: World,
  door: Door,
  command: string,
  macros: readonly string[],
): Promise<string[]> => wordsOf(await commandLine(world, door, command), macros);

/** Runs a plugin once, as Nagios does. */
const check = (line: string, macros: readonly string[]): Promise<{ did: string; detail: string }> => {
  const [file = "", ...words] = wordsOf(line, macros);
  return new Promise((resolve) => {
    execFile(file, words, { timeout: 15_000 }, (error, stdout) => {
      const code = error === null ? 0 : error.code;
      const did = typeof code === "number" ? (WORDS[code] ?? `exit ${code}`) : String(code);
      resolve({ did, detail: stdout.split("|")[0]?.trim() ?? "" });
    });
  });
};

interface Way {
  name: string;
  /** The command of the example, or a separate line. */
  line: (world: World, door: Door) => Promise<string>;
  macros: (site: string, target: string) => string[];
}

const start =
  ({ name, line, macros }: Way) =>
  async (world: World): Promise<Running> => {
    const text = await line(world, await world.door(name));
    const version = await run(["sh", "-c", `${PLUGINS}/check_http --version; true`]);
    return {
      version: version.trim(),
      observe: (state) => {
        const { site, target } = world.pairs[state].primary.key;
        return check(text, macros(site, target));
      },
      stop: async () => undefined,
    };
  };

const BASE = {
  needs: { commands: { [`${PLUGINS}/check_http`]: "monitoring-plugins-basic", curl: "curl" } },
  states: ["alive", "gray", "crashed", "hung", "partitioned", "unreachable", "paused"],
  pollMs: 0,
  rounds: 1,
  // A page about a node that lives counts as a failover does for other programs.
  isSwitch: (did: string): boolean => did === "CRITICAL",
} as const;

export const nagios: Consumer = {
  ...BASE,
  name: "nagios",
  title: "Nagios: `check_parallax`",
  recommended: true,
  example: "examples/nagios",
  start: start({
    name: "nagios",
    line: (world, door) => commandLine(world, door, "parallax"),
    macros: (site, target) => [`${site}/${target}`],
  }),
  expects: (state, fault) => {
    if (fault !== "fine") return "UNKNOWN";
    if (TRUTHS[state].avoid === 200) return "CRITICAL";
    return state === "alive" ? "OK" : "WARNING";
  },
};

export const nagiosAvoid: Consumer = {
  ...BASE,
  name: "check-http",
  title: "Nagios: `negate … check_http …/avoid`",
  recommended: true,
  example: "examples/nagios",
  start: start({
    name: "check-http",
    line: (world, door) => commandLine(world, door, "parallax_http"),
    macros: (site, target) => [site, target],
  }),
  // A slow answer is right, and arrives within the plugin's 10 s.
  expects: (state, fault) => {
    if (fault === "500" || fault === "gone") return "UNKNOWN";
    if (fault === "401" || fault === "429") return "OK";
    return TRUTHS[state].avoid === 200 ? "CRITICAL" : "OK";
  },
};

/** Enough states to show what not to do: each look starts one process for each state. */
const SOME: readonly State[] = ["alive", "gray", "crashed"];

const bare = (name: string, path: string): Way => ({
  name,
  line: async ({ readToken }, { port }) =>
    `$USER1$/check_http -H 127.0.0.1 -p ${port} -u /k/${readToken}/v1/sites/$ARG1$/targets/$ARG2$/${path}`,
  macros: (site, target) => [site, target],
});

/** What check_http makes of a fault, whatever path it asks; undefined if the true answer comes through. */
const bareUnder = (fault: Fault): string | undefined =>
  fault === "500" || fault === "gone"
    ? "CRITICAL"
    : fault === "401" || fault === "429"
      ? "WARNING"
      : undefined;

export const nagiosUp: Consumer = {
  ...BASE,
  states: SOME,
  name: "check-http-up",
  title: "Nagios: `check_http …/up`",
  recommended: false,
  start: start(bare("check-http-up", "up")),
  expects: (state, fault) => bareUnder(fault) ?? (TRUTHS[state].up === 200 ? "OK" : "CRITICAL"),
};

export const nagiosConsul: Consumer = {
  ...BASE,
  states: SOME,
  name: "check-http-consul",
  title: "Nagios: `check_http …/consul`",
  recommended: false,
  start: start(bare("check-http-consul", "consul")),
  expects: (state: State, fault) =>
    bareUnder(fault) ??
    (TRUTHS[state].up === 503 ? "CRITICAL" : TRUTHS[state].verdict === "alive" ? "OK" : "WARNING"),
};
