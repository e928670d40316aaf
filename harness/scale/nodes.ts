import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { endAtExit, signalProcess } from "../../scripts/children.ts";
import { opens } from "../../test/probe/servers.ts";

const FARM = fileURLToPath(new URL("./farm.ts", import.meta.url));
/** Enough for all vantages at once, and soon filled. */
const BACKLOG = 16;
/** On loopback a connection is open in less than one; where a SYN was dropped it never is. */
const FULL_AFTER_MS = 500;
/** Listeners whose backlogs are filled at once. */
const FILLED_TOGETHER = 50;

export interface FarmSettings {
  hosts: string[];
  port: number;
  backlog: number;
}

/** Address of the node with this number: all of 127.0.0.0/8 is this machine on Linux. */
export const hostOf = (number: number): string =>
  `127.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;

/** Real listeners in one process that share its fate. */
export class Nodes {
  readonly #child: ChildProcess;
  readonly #settings: FarmSettings;
  readonly #held: Socket[] = [];

  private constructor(child: ChildProcess, settings: FarmSettings) {
    this.#child = child;
    this.#settings = settings;
  }

  /** Resolves once all listen. */
  static async start(hosts: string[], port: number): Promise<Nodes> {
    const settings = { hosts, port, backlog: BACKLOG };
    const child = fork(FARM, { execArgv: ["--no-warnings"] });
    endAtExit(() => void signalProcess(child.pid, "SIGKILL"));
    child.send(settings);
    const [word] = (await once(child, "message")) as [{ failed?: string }];
    if (word.failed !== undefined) throw new Error(`nodes on port ${port}: ${word.failed}`);
    return new Nodes(child, settings);
  }

  /** SIGKILL: from then on every port refuses. Resolves once it is so. */
  async kill(): Promise<void> {
    for (const socket of this.#held.splice(0)) socket.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  /** Stops it and fills the backlog of every listener: from then on the kernel drops each SYN, as where a network is cut. */
  async cut(): Promise<void> {
    this.#child.kill("SIGSTOP");
    const left = [...this.#settings.hosts];
    const fill = async (): Promise<void> => {
      for (let host = left.pop(); host !== undefined; host = left.pop()) await this.#fill(host);
    };
    await Promise.all(Array.from({ length: FILLED_TOGETHER }, fill));
  }

  async #fill(host: string): Promise<void> {
    // The kernel lets one more connection wait than the backlog says.
    for (let count = 0; count < BACKLOG + 2; count++) {
      const socket = connect({ host, port: this.#settings.port });
      socket.on("error", () => undefined);
      this.#held.push(socket);
      if (!(await opens(socket, FULL_AFTER_MS))) return;
    }
    throw new Error(`the backlog of ${host} never filled`);
  }
}
