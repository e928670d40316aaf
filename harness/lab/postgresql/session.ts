import { type ChildProcess } from "node:child_process";
import { spawnOn } from "../namespace.ts";
import type { Host } from "../topology.ts";

/** Where a session leads: from a host to a database. */
export interface Route {
  from: Host;
  to: string;
  port: number;
}

/** The database's password: no other machine reaches the lab's network, or a loopback. */
export const PASSWORD = "of-no-worth";
const CONNECT_S = "2";

/** One lasting connection of `psql`; at most one order waits for its answer. */
export class Session {
  readonly #child: ChildProcess;
  #heard = "";
  #orders = 0;
  #waiting: ((answer: string[] | undefined) => void) | undefined;
  #said = "";

  constructor({ from, to, port }: Route) {
    this.#child = spawnOn(
      from,
      [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "psql",
        ..."-XAtq -U postgres -d postgres -h".split(" "),
        to,
        "-p",
        String(port),
      ],
      {
        stdio: ["pipe", "pipe", "pipe"],
        env: { PGPASSWORD: PASSWORD, PGCONNECT_TIMEOUT: CONNECT_S, LANG: "C.UTF-8" },
      },
    );
    this.#child.stdout?.on("data", (bytes: Buffer) => this.#hear(bytes.toString()));
    this.#child.stderr?.on("data", (bytes: Buffer) => (this.#said = bytes.toString().trim()));
    this.#child.stdin?.on("error", () => undefined);
    this.#child.on("error", () => this.#settle(undefined));
    this.#child.on("close", () => this.#settle(undefined));
  }

  get isOpen(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** psql's last error message. */
  get complaint(): string {
    return this.#said;
  }

  /** The rows that an order returned; undefined if it failed, or did not end in time: then the session is over. */
  async ask(sql: string, withinMs: number): Promise<string[] | undefined> {
    if (!this.isOpen) return undefined;
    const order = ++this.#orders;
    const answer = new Promise<string[] | undefined>((resolve) => {
      this.#waiting = resolve;
    });
    const timer = setTimeout(() => this.close(), withinMs);
    // psql sets ERROR after each order: by then it has received the result of the commit.
    this.#child.stdin?.write(`${sql}\n\\echo done ${order} :ERROR\n`);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#child.kill("SIGKILL");
    this.#settle(undefined);
  }

  #hear(text: string): void {
    this.#heard += text;
    const end = new RegExp(`^done ${this.#orders} (true|false)\\n`, "m").exec(this.#heard);
    if (end === null) return;
    const rows = this.#heard.slice(0, end.index).split("\n").slice(0, -1);
    this.#heard = this.#heard.slice(end.index + end[0].length);
    this.#settle(end[1] === "false" ? rows : undefined);
  }

  #settle(answer: string[] | undefined): void {
    this.#waiting?.(answer);
    this.#waiting = undefined;
  }
}
