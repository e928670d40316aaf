/** Two hosts on one wire: namespaces of their own, where addresses may move without affecting this machine's. */
import { readFile } from "node:fs/promises";
import { Daemon } from "./daemon.ts";
import { childrenOf } from "./offspring.ts";
import { until } from "../../scripts/until.ts";
import { run } from "../lab/namespace.ts";

export const HOSTS = ["primary", "standby"] as const;
export type WireHost = (typeof HOSTS)[number];

/** The interface by which each host reaches the other. */
export const INTERFACE = "wire";
/** The path of a program that a host may run; the program runs in this machine's own network. */
export const commandOf = (name: string): string => `/run/commands/${name}`;
const READY_WITHIN_MS = 15_000;

// The network that was there before stays reachable by one file: programs that ask the detector are run in it, as they
// would be on a network for management.
const FURNISH = [
  "set -e",
  "mount -t tmpfs -o mode=755 tmpfs /run",
  "mkdir -p /run/netns /run/commands",
  "touch /run/outside",
  "mount --bind /proc/self/ns/net /run/outside",
  'exec unshare --net sh -c "$@"',
].join("\n");

const LAY_OUT = [
  "set -e",
  "ip link set lo up",
  ...HOSTS.map((host) => `ip netns add ${host}`),
  `ip link add ${INTERFACE} netns ${HOSTS[0]} type veth peer name ${INTERFACE} netns ${HOSTS[1]}`,
  ...HOSTS.flatMap((host, index) => [
    `ip -n ${host} addr add 10.99.0.${index + 1}/24 dev ${INTERFACE}`,
    `ip -n ${host} link set lo up`,
    `ip -n ${host} link set ${INTERFACE} up`,
  ]),
  // A process in each host, by which the host's tables can be read in /proc.
  ...HOSTS.map((host) => `ip netns exec ${host} sh -c "while :; do sleep 3600; done" ${host} &`),
  "touch /run/ready",
  "while :; do sleep 3600; done",
].join("\n");

export class Wire {
  readonly #parent: Daemon;
  readonly #inner: number;
  readonly #daemons: Daemon[] = [];
  /** A process in each host's network. */
  readonly #guests = new Map<WireHost, number>();

  private constructor(parent: Daemon, inner: number) {
    this.#parent = parent;
    this.#inner = inner;
  }

  /** Resolves once both hosts reach each other. `commands`: by name, the line that `commandOf` runs. */
  static async lay(commands: Readonly<Record<string, readonly string[]>>): Promise<Wire> {
    const parent = new Daemon("the wire", [
      ..."unshare --pid --mount --fork --kill-child --mount-proc sh -c".split(" "),
      FURNISH,
      "wire",
      LAY_OUT,
    ]);
    try {
      const inner = await until(async () => (await childrenOf(parent.pid).catch(() => []))[0], {
        withinMs: READY_WITHIN_MS,
        explain: () => `no namespaces:\n${parent.log}`,
      });
      const wire = new Wire(parent, inner);
      await until(() => wire.#isReady(), {
        withinMs: READY_WITHIN_MS,
        explain: () => `the wire did not become ready:\n${parent.log}`,
      });
      await wire.#meet();
      for (const [name, line] of Object.entries(commands)) await wire.#provide(name, line);
      return wire;
    } catch (error) {
      await parent.stop();
      throw error;
    }
  }

  /** Starts a program on a host. */
  start(host: WireHost, line: readonly string[]): Daemon {
    const daemon = new Daemon(`${line[0]} on ${host}`, [
      ...this.#within,
      "ip",
      "netns",
      "exec",
      host,
      ...line,
    ]);
    this.#daemons.push(daemon);
    return daemon;
  }

  /** The IPv4 addresses of a host, read without starting a process. */
  async addresses(host: WireHost): Promise<string[]> {
    this.#parent.mustRun();
    const trie = await readFile(`/proc/${this.#guests.get(host)}/net/fib_trie`, "utf8");
    return [...trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = ""]) => address);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
    await this.#parent.stop();
  }

  get #within(): readonly string[] {
    return ["nsenter", `--target=${this.#inner}`, "--mount", "--net", "--pid"];
  }

  async #isReady(): Promise<boolean> {
    this.#parent.mustRun();
    try {
      await run([...this.#within, "test", "-e", "/run/ready"]);
      const lines = await Promise.all(
        HOSTS.map((host) =>
          run([...this.#within, ..."ip -n".split(" "), host, "-br", "link", "show", INTERFACE]),
        ),
      );
      return lines.every((line) => / UP /.test(line));
    } catch {
      return false;
    }
  }

  async #meet(): Promise<void> {
    for (const pid of await childrenOf(this.#inner)) {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
      const host = HOSTS.find((name) => words.at(-2) === name);
      if (host !== undefined) this.#guests.set(host, pid);
    }
    if (this.#guests.size < HOSTS.length) throw new Error(`not all hosts are there:\n${this.#parent.log}`);
  }

  /** Owned by root, as programs require of commands that they run as root. */
  async #provide(name: string, line: readonly string[]): Promise<void> {
    const words = line.map((word) => `'${word}'`).join(" ");
    const text = `#!/bin/sh\nexec nsenter --net=/run/outside ${words} "$@"\n`;
    await run([...this.#within, "sh", "-c", `cat >${commandOf(name)} && chmod 755 ${commandOf(name)}`], text);
  }
}
