/** A member of the group: a register, and the agent beside it that leads it. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Key } from "../../scripts/detector-api.ts";
import { NodeProcess } from "../nodes/process.ts";
import { SERVICE_PORT, WITNESS_PORT } from "../lab/machine.ts";
import { onHost, run } from "../lab/namespace.ts";
import { LAB_DIR } from "../lab/parent.ts";
import { addressOf } from "../lab/topology.ts";
import type { Member, Part } from "./plan.ts";
import { Program } from "./program.ts";
import { monotonic, type Recorder } from "./recorder.ts";

const CLI = fileURLToPath(new URL("../../dist/parallax.mjs", import.meta.url));
const REGISTER = fileURLToPath(new URL("../lab/hosts/register.ts", import.meta.url));
const CLOCK = new URL("../lab/hosts/shifted-clock.ts", import.meta.url).href;
export const GROUP = "register";
const HEARTBEAT_MS = "1000";
/** Attempts until a restarted register listens. */
const TRIES = 30;
/** Within the sixth of a lease that a fence has. */
const FOLLOWS_WITHIN_S = 0.15;
const REGISTER_AGAIN_MS = 300;
const AGENT_AGAIN_MS = 1_000;
/** After all processes of a member stood still, its agent needs a moment to see that its lease has run out. */
const AWAKE_WITHIN_MS = 1_000;

const KEYS: Record<Member, Key> = {
  "fra-1": { site: "fra", target: "db-1" },
  "fra-2": { site: "fra", target: "db-2" },
  "ams-1": { site: "ams", target: "db-1" },
};
export const keyOf = (member: Member): Key => KEYS[member];
export const memberOf = ({ site, target }: Key): Member | undefined =>
  (Object.keys(KEYS) as Member[]).find(
    (member) => KEYS[member].site === site && KEYS[member].target === target,
  );

interface Wiring {
  url: string;
  token: string;
  store: string;
  recorder: Recorder;
}

/**
 * The command that the agent runs: a request to the register over loopback, answered or failed. A process that has just started may not
 * listen yet.
 */
const tell = (address: string, path: string): string => `#!/bin/bash
for try in {1..${TRIES}}; do
  { exec 3<>/dev/tcp/${address}/${SERVICE_PORT}; } 2>/dev/null && break
  sleep 0.1
done
printf 'POST ${path} HTTP/1.0\\r\\n\\r\\n' "$PARALLAX_EPOCH" >&3 || exit 1
read -r line <&3
[[ $line == *" 200 "* ]]
`;

/**
 * A request to the register that must succeed at once. Otherwise the script kills the register, whatever it does: without a register the
 * member does not lead.
 */
const fence = (follow: string, pidFile: string): string => `#!/bin/bash
timeout ${FOLLOWS_WITHIN_S} ${follow} && exit 0
pid=$(cat ${pidFile})
# Its number may be another's by now.
grep -q register /proc/$pid/cmdline 2>/dev/null || exit 0
kill -9 "$pid"
while [[ -d /proc/$pid && $(cut -d' ' -f3 /proc/$pid/stat) != Z ]]; do sleep 0.02; done
read -r uptime rest < /proc/uptime
echo "$uptime" > ${pidFile}.fenced
`;

/** Empty if the process is gone. */
const lineOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
};

const MS_PER_S = 1_000;
/** The kernel gives its uptime in hundredths of a second. */
const UPTIME_STEP_MS = 10;

/** When a fence killed the register, by the clock that is never set; Infinity if none has. */
const fencedAt = (pidFile: string): number => {
  const file = `${pidFile}.fenced`;
  try {
    const at = Number(readFileSync(file, "utf8")) * MS_PER_S + UPTIME_STEP_MS;
    rmSync(file);
    return at;
  } catch {
    return Infinity;
  }
};

export class MemberHost {
  readonly host: Member;
  readonly #dir: string;
  readonly #witness: NodeProcess;
  readonly #register: Program;
  readonly #agent: Program;
  readonly #recorder: Recorder;
  /** When the harness sent SIGKILL to the register; Infinity until then. */
  #killedAt = Infinity;

  private constructor(host: Member, witness: NodeProcess, { url, token, store, recorder }: Wiring) {
    const address = addressOf(host);
    const dir = `${LAB_DIR}/members/${host}`;
    const pidFile = `${dir}/register.pid`;
    this.host = host;
    this.#dir = dir;
    this.#witness = witness;
    this.#recorder = recorder;
    const settings = { node: host, host: address, port: SERVICE_PORT, store };
    this.#register = new Program({
      host,
      line: [process.execPath, "--no-warnings", REGISTER, JSON.stringify(settings)],
      againAfterMs: REGISTER_AGAIN_MS,
      started: (pid) => {
        this.#killedAt = Infinity;
        rmSync(`${pidFile}.fenced`, { force: true });
        writeFileSync(pidFile, `${pid}\n`);
      },
      heard: (word) => {
        if ("leads" in word) recorder.leads(host, word["leads"] as number | null, word["at"] as number);
      },
      // The killer knows better than this process when the register ran last: on a busy machine its end is reported up to a second late.
      // Its pid file stays, as that of any process that was killed: if the file is gone, the register was stopped in order.
      ended: (at) => {
        recorder.leads(host, null, Math.min(at, this.#killedAt, fencedAt(pidFile)));
      },
    });
    const { site, target } = keyOf(host);
    this.#agent = new Program({
      host,
      line: [
        process.execPath,
        CLI,
        ...`agent --site ${site} --target ${target} --group ${GROUP} --pid-file ${pidFile}`.split(" "),
        ...`--every-ms ${HEARTBEAT_MS} --state ${dir}/agent`.split(" "),
        ...["lead", "follow", "fence"].flatMap((act) => [`--on-${act}`, `${dir}/on-${act}`]),
      ],
      env: {
        PARALLAX_URL: url,
        PARALLAX_TOKEN: token,
        NODE_OPTIONS: `--no-warnings --import=${CLOCK}`,
        SHIFTED_CLOCK: `${dir}/clock`,
      },
      againAfterMs: AGENT_AGAIN_MS,
    });
  }

  static async start(host: Member, wiring: Wiring): Promise<MemberHost> {
    const dir = `${LAB_DIR}/members/${host}`;
    const address = addressOf(host);
    await mkdir(`${dir}/agent`, { recursive: true });
    const scripts = {
      "on-lead": tell(address, "/lead?epoch=%s"),
      "on-follow": tell(address, "/follow?%s"),
      "on-fence": fence(`${dir}/on-follow`, `${dir}/register.pid`),
    };
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(`${dir}/${name}`, script);
      await chmod(`${dir}/${name}`, 0o755);
    }
    const witness = await NodeProcess.startAt(
      { host: address, port: WITNESS_PORT, within: onHost(host) },
      { protocol: "tcp" },
    );
    return new MemberHost(host, witness, wiring);
  }

  get log(): string[] {
    return [...this.#agent.log];
  }

  /** SIGKILL; the part is not started again before `revive`. */
  async kill(part: Part): Promise<void> {
    if (part === "register" || part === "all") this.#register.unwanted();
    if (part === "agent" || part === "all") this.#agent.unwanted();
    this.#signal(await this.#pidsOf(part), "SIGKILL");
    if (part === "register" || part === "all") this.#killedAt = monotonic();
  }

  /** Starts again what was killed. */
  revive(): void {
    this.#register.wanted();
    this.#agent.wanted();
  }

  /** SIGSTOP; resolves to the function that ends it. */
  async freeze(part: Part): Promise<() => void> {
    const pids = await this.#pidsOf(part);
    const from = monotonic();
    this.#signal(pids, "SIGSTOP");
    return () => {
      this.#signal(pids, "SIGCONT");
      // A part that stands still alone is fenced by the others: from its waking on it is not excused.
      const graceMs = part === "all" ? AWAKE_WITHIN_MS : 0;
      if (part === "register" || part === "all")
        this.#recorder.excuse({ node: this.host, from, to: monotonic() + graceMs });
    };
  }

  /** Steps the wall clock of its agent. */
  shiftClock(shiftMs: number): Promise<void> {
    return writeFile(`${this.#dir}/clock`, String(shiftMs));
  }

  async #pidsOf(part: Part): Promise<number[]> {
    const only = (pid: number | undefined): number[] => (pid === undefined ? [] : [pid]);
    if (part === "register") return only(this.#register.pid);
    if (part === "agent") return only(this.#agent.pid);
    const listed = await run(["ip", "netns", "pids", this.host]);
    const pids = listed.split("\n").map(Number);
    if (part === "all") return pids.filter((pid) => pid > 0 && pid !== this.#witness.pid);
    return pids.filter((pid) => pid > 0 && pid !== this.#agent.pid && lineOf(pid).includes(CLI));
  }

  #signal(pids: readonly number[], signal: NodeJS.Signals): void {
    for (const pid of pids)
      try {
        process.kill(pid, signal);
      } catch {
        // The process ended by itself.
      }
  }
}
