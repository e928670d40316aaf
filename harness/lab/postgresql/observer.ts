import type { Word } from "./judge.ts";
import type { Place } from "./place.ts";
import { Session } from "./session.ts";

const ASK_EVERY_MS = 100;
const GIVEN_UP_MS = 5_000;

/** Asks each node, on its own host, whether it takes writes: no cut between hosts hides its answer. */
export class Observer {
  readonly words: Word[] = [];
  readonly #loops: Promise<void>[];
  #stopped = false;

  constructor(nodes: readonly Place[]) {
    this.#loops = nodes.map((node) => this.#watch(node));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #watch({ name, host, address, port }: Place): Promise<void> {
    let session: Session | undefined;
    while (!this.#stopped) {
      if (session?.isOpen !== true) session = new Session({ from: host, to: address, port });
      const askedAt = performance.now();
      const answer = await session.ask(
        "select not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'off';",
        GIVEN_UP_MS,
      );
      if (answer === undefined) session.close();
      this.words.push({
        node: name,
        askedAt,
        answeredAt: performance.now(),
        isWritable: answer?.[0] === "t",
      });
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    session?.close();
  }
}
