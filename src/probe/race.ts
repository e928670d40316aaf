/**
 * Connecting to a name as RFC 8305 does ("Happy Eyeballs"): its addresses are tried in turn, the next as soon as one has failed or
 * after a head start, and the first that lets us in is taken. A client that meets a dead address of several moves on, and so does
 * a probe. Its finding names the address that answered and those that did not.
 */
import { codeOf } from "./code.ts";
import { shut, type Socket } from "./socket.ts";

/** Section 5: the recommended connection attempt delay. */
const HEAD_START_MS = 250;
/** More addresses than this of one name are not tried: a client would not wait for them either. */
const ADDRESSES_MAX = 6;

/** Which addresses of a name have answered, and which have not. */
export interface Route {
  /** The address that let us in; undefined while none has. */
  address: string | undefined;
  /** The addresses that have failed, or had a head start and are still silent although another has let us in. */
  dead: string[];
}

const isV6 = (address: string): boolean => address.includes(":");

/** The order of section 4: IPv6 first, then the families in turns; within a family as the resolver gave them. */
export const inTurns = (addresses: readonly string[]): string[] => {
  const unique = [...new Set(addresses)];
  const [v6, v4] = [unique.filter(isV6), unique.filter((address) => !isV6(address))];
  const longest = Math.max(v6.length, v4.length);
  const pairs = Array.from({ length: longest }, (_, index) => [v6[index], v4[index]]);
  return pairs
    .flat()
    .filter((address) => address !== undefined)
    .slice(0, ADDRESSES_MAX);
};

export interface Racing {
  /** The addresses of the name; rejects where it has none. */
  resolve: () => Promise<readonly string[]>;
  /** Begins one attempt; may throw. */
  connect: (address: string) => Socket;
  /** TLS on the connection that has opened. */
  secure?: ((socket: Socket) => Socket) | undefined;
  /** How many attempts may be pending at once, those of earlier races of the same name included. */
  atOnce: number;
  /**
   * The attempts of earlier races of the same name, to which this race adds its own. An attempt that was given up goes on until it ends.
   * Absent: there was no earlier race.
   */
  attempts?: RaceAttempt[];
  /** Runs `task` once after `ms`; the answer cancels it. */
  after: (ms: number, task: () => void) => () => void;
}

/** Errors by which some host has answered, unlike those by which none was reached. */
const ANSWERED: ReadonlySet<string | undefined> = new Set(["ECONNREFUSED", "ECONNRESET"]);
/** Errors for what this machine lacks. They say nothing about the address. */
const OWN_LACK: ReadonlySet<string | undefined> = new Set(["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"]);

const ignore = (): void => undefined;

/** One connection to one address of the name. */
export interface RaceAttempt {
  readonly address: string;
  socket: Socket | undefined;
  state: "pending" | "failed" | "open";
  error: unknown;
}

const isPending = ({ state }: RaceAttempt): boolean => state === "pending";

class Race {
  readonly attempts: RaceAttempt[] = [];
  readonly #racing: Racing;
  /** The attempts of earlier races and of this one. */
  readonly #all: RaceAttempt[];
  #rest: string[] = [];
  #cancel: () => void = ignore;
  #winner: RaceAttempt | undefined;
  #isOver = false;
  #settle: { won: (socket: Socket) => void; lost: (error: unknown) => void } = { won: ignore, lost: ignore };

  constructor(racing: Racing) {
    this.#racing = racing;
    this.#all = racing.attempts ?? [];
  }

  get route(): Route {
    const { attempts } = this;
    const winner = this.#winner === undefined ? -1 : attempts.indexOf(this.#winner);
    const isDead = ({ state, error }: RaceAttempt, index: number): boolean =>
      // An attempt that began after the winner's had no head start.
      state === "pending" ? index < winner : state === "failed" && !OWN_LACK.has(codeOf(error));
    return { address: this.#winner?.address, dead: attempts.filter(isDead).map(({ address }) => address) };
  }

  /** Resolves with the first connection that opens; rejects once all have failed. */
  run(addresses: readonly string[]): Promise<Socket> {
    const isSilent = (address: string): boolean =>
      this.#all.some((attempt) => attempt.address === address && isPending(attempt));
    const order = inTurns(addresses);
    // An address that has not answered an earlier race yet is tried last.
    this.#rest = [...order.filter((address) => !isSilent(address)), ...order.filter(isSilent)];
    return new Promise((won, lost) => {
      this.#settle = { won, lost };
      this.#next();
    });
  }

  /** Ends whatever is open or pending. */
  stop(): void {
    this.#isOver = true;
    this.#cancel();
    for (const { socket } of this.attempts) if (socket !== undefined) shut(socket);
  }

  #next(): void {
    this.#cancel();
    const [address, ...rest] = this.#rest;
    if (this.#isOver || this.#winner !== undefined) return;
    if (address === undefined) {
      if (!this.attempts.some(isPending)) this.#settle.lost(this.#telling());
      return;
    }
    if (this.#all.filter(isPending).length >= this.#racing.atOnce) {
      // A failed attempt of this race calls `#next` again. An attempt of an earlier race does not.
      if (!this.attempts.some(isPending))
        this.#cancel = this.#racing.after(HEAD_START_MS, () => this.#next());
      return;
    }
    this.#rest = rest;
    this.#begin(address);
    if (this.#rest.length > 0) this.#cancel = this.#racing.after(HEAD_START_MS, () => this.#next());
  }

  #begin(address: string): void {
    const attempt: RaceAttempt = { address, socket: undefined, state: "pending", error: undefined };
    this.attempts.push(attempt);
    this.#all.push(attempt);
    try {
      const socket = this.#racing.connect(address);
      attempt.socket = socket;
      socket.closed.catch(ignore);
      socket.opened.then(
        () => this.#opened(attempt, socket),
        (error: unknown) => this.#failed(attempt, error),
      );
    } catch (error) {
      // Deferred until the caller has set its timer.
      queueMicrotask(() => this.#failed(attempt, error));
    }
  }

  #opened(attempt: RaceAttempt, socket: Socket): void {
    attempt.state = "open";
    if (this.#winner === undefined && !this.#isOver) {
      this.#winner = attempt;
      this.#cancel();
      this.#settle.won(socket);
    } else shut(socket);
  }

  #failed(attempt: RaceAttempt, error: unknown): void {
    attempt.state = "failed";
    attempt.error = error;
    this.#next();
  }

  /** The most telling of several failures: a refusal by one address outweighs no route to another. */
  #telling(): unknown {
    const errors = this.attempts.map(({ error }) => error);
    return errors.find((error) => ANSWERED.has(codeOf(error))) ?? errors[0] ?? new Error("no address");
  }
}

/** One connection out of several attempts. Its streams are those of the attempt that won, available once that has opened. */
export const race = (racing: Racing): Socket => {
  const runner = new Race(racing);
  const resolved = racing.resolve();
  const connected = resolved.then((addresses) => runner.run(addresses));
  let won: Socket | undefined;
  const opened = connected.then(async (socket) => {
    won = racing.secure === undefined ? socket : racing.secure(socket);
    if (won === socket) return;
    won.closed.catch(ignore);
    await won.opened;
  });
  opened.catch(ignore);
  const streams = (): Socket => {
    if (won === undefined) throw new Error("the connection has not opened");
    return won;
  };
  const closed = opened.then(() => streams().closed);
  closed.catch(ignore);
  const whenDone = (step: Promise<unknown>): Promise<void> =>
    new Promise((resolve) => {
      step.then(() => resolve(), ignore);
    });
  return {
    opened,
    opening: { resolved: whenDone(resolved), connected: whenDone(connected) },
    closed,
    get readable() {
      return streams().readable;
    },
    get writable() {
      return streams().writable;
    },
    route: () => runner.route,
    close: () => {
      if (won !== undefined) shut(won);
      runner.stop();
    },
  };
};
