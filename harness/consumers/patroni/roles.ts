import { type ChildProcess, spawn } from "node:child_process";
import { endAtExit, signalProcess } from "../../../scripts/children.ts";

const EVERY_MS = 200;
/** An older answer says nothing about now. */
const FRESH_MS = 500;

interface Seat {
  name: string;
  port: number;
  child: ChildProcess | undefined;
  /** When the pending question was sent; undefined if none is pending. */
  askedAt: number | undefined;
  /** Its last answer, and when the question for it was sent. */
  word: { isWritable: boolean; askedAt: number } | undefined;
}

/** An observer that asks all databases of a cluster five times a second whether they take writes. */
export class Roles {
  /** Each change seen in whether a member is writable; times by `Date.now()`. */
  readonly changes: { at: number; name: string; isWritable: boolean }[] = [];
  /** How often two members were seen writable at once. */
  splits = 0;
  /** How many answers came, from any member. */
  answers = 0;
  readonly #seats: Seat[];
  readonly #environment: Record<string, string>;
  readonly #timer: NodeJS.Timeout;
  readonly #forget: () => void;

  constructor(ports: Readonly<Record<string, number>>, password: string) {
    this.#environment = { PATH: process.env["PATH"] ?? "", PGPASSWORD: password, PGCONNECT_TIMEOUT: "2" };
    this.#seats = Object.entries(ports).map(([name, port]) => ({
      name,
      port,
      child: undefined,
      askedAt: undefined,
      word: undefined,
    }));
    this.#timer = setInterval(() => this.#round(), EVERY_MS);
    this.#forget = endAtExit(() => this.#endAll());
  }

  /** The members that take writes now. */
  get writable(): string[] {
    return this.#seats.filter((seat) => this.#isWritable(seat)).map(({ name }) => name);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#endAll();
    this.#forget();
  }

  #endAll(): void {
    for (const { child } of this.#seats) signalProcess(child?.pid, "SIGKILL");
  }

  #isWritable({ word }: Seat): boolean {
    return word?.isWritable === true && Date.now() - word.askedAt <= FRESH_MS;
  }

  #round(): void {
    for (const seat of this.#seats) {
      seat.child ??= this.#connect(seat);
      if (seat.askedAt !== undefined) continue;
      seat.askedAt = Date.now();
      seat.child.stdin?.write("select pg_is_in_recovery();\n");
    }
  }

  #hear(seat: Seat, isWritable: boolean): void {
    const askedAt = seat.askedAt ?? Date.now();
    seat.askedAt = undefined;
    this.answers += 1;
    if (seat.word?.isWritable !== isWritable)
      this.changes.push({ at: Date.now(), name: seat.name, isWritable });
    seat.word = { isWritable, askedAt };
    if (isWritable && this.writable.length > 1) this.splits += 1;
  }

  /** A client that stays connected. It ends with its database, and the next round starts another. */
  #connect(seat: Seat): ChildProcess {
    const line = `-h 127.0.0.1 -p ${seat.port} -U postgres -XAtq`.split(" ");
    const child = spawn("psql", line, {
      stdio: ["pipe", "pipe", "ignore"],
      env: this.#environment,
    });
    let heard = "";
    child.stdout?.on("data", (bytes: Buffer) => {
      heard += bytes.toString();
      const lines = heard.split("\n");
      heard = lines.pop() ?? "";
      for (const word of lines) if (word === "t" || word === "f") this.#hear(seat, word === "f");
    });
    child.stdin?.on("error", () => undefined);
    child.on("close", () => {
      seat.child = undefined;
      seat.askedAt = undefined;
      if (seat.word?.isWritable === true)
        this.changes.push({ at: Date.now(), name: seat.name, isWritable: false });
      seat.word = undefined;
    });
    return child;
  }
}
