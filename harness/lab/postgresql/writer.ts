import type { Acknowledged } from "./judge.ts";
import { type Route, Session } from "./session.ts";

/** The leader, as the decider reports it: its address and its epoch. */
export interface Leader {
  node: string;
  address: string;
  epoch: number;
}

/** A client that follows the leader learns of another leader within this time. */
const ASK_EVERY_MS = 500;
const WRITE_EVERY_MS = 50;
const GIVEN_UP_MS = 2_000;

/** Writes numbered rows, one after another, to the leader that it knows, and keeps those that were acknowledged. */
export class Writer {
  readonly rows: Acknowledged[] = [];
  /** The error of the last write that failed. */
  complaint = "";
  readonly #name: string;
  readonly #from: Omit<Route, "to">;
  readonly #leader: () => Promise<Leader | undefined>;
  readonly #loops: Promise<void>[];
  #known: Leader | undefined;
  #session: { to: Leader; session: Session } | undefined;
  #stopped = false;
  #last = 0;

  /** `from`: the host on which the client runs. `first`: its rows are numbered from there on. */
  constructor(
    name: string,
    from: Omit<Route, "to">,
    first: number,
    leader: () => Promise<Leader | undefined>,
  ) {
    this.#name = name;
    this.#from = from;
    this.#last = first;
    this.#leader = leader;
    this.#loops = [
      this.#repeat(ASK_EVERY_MS, () => this.#learn()),
      this.#repeat(WRITE_EVERY_MS, () => this.#write()),
    ];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#session?.session.close();
    await Promise.all(this.#loops);
  }

  async #learn(): Promise<void> {
    // A client that cannot learn of a leader goes on with the last known one, as most clients would.
    this.#known = (await this.#leader()) ?? this.#known;
  }

  async #open(to: Leader): Promise<Session> {
    const now = this.#session;
    if (now !== undefined && now.session.isOpen && now.to.node === to.node && now.to.epoch === to.epoch)
      return now.session;
    now?.session.close();
    const session = new Session({ ...this.#from, to: to.address });
    this.#session = { to, session };
    await session.ask(`set parallax.epoch = '${to.epoch}';`, GIVEN_UP_MS);
    return session;
  }

  async #write(): Promise<void> {
    const to = this.#known;
    if (to === undefined) return;
    const session = await this.#open(to);
    const n = ++this.#last;
    const sentAt = performance.now();
    const answer = await session.ask(
      `insert into numbered (n, writer, node, epoch) values (${n}, '${this.#name}', '${to.node}', ${to.epoch});`,
      GIVEN_UP_MS,
    );
    if (answer === undefined) {
      this.complaint = session.complaint;
      // The client opens a new session after a refusal: it may lead to another node.
      session.close();
      return;
    }
    this.rows.push({ n, node: to.node, epoch: to.epoch, sentAt, ackedAt: performance.now() });
  }

  async #repeat(everyMs: number, act: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      const next = performance.now() + everyMs;
      await act();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
  }
}
