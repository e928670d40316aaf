import { GREETING, type Mode, type Order } from "./order.ts";

const ANSWER_MS = 10_000;
/** A fault lasts longer than it is watched, and ends by itself soon after, in case this process ends before it. */
const FAULT_MS = 120_000;

/** The program on the host, as we command it. */
export class NodeControl {
  readonly #url: string;
  readonly #key: string;

  constructor(node: string, port: number, key: string) {
    this.#url = `http://${node}:${port}`;
    this.#key = key;
  }

  /** Throws if the program is not there, or has another key. */
  async greet(): Promise<void> {
    const answer = await this.#ask("/");
    if (answer.trim() !== GREETING)
      throw new Error(
        `what answers at the node's first port is no "${GREETING}": update calibration-node.mjs`,
      );
    await this.set("greeting", "ok");
  }

  async set(place: string, mode: Mode): Promise<void> {
    const order: Order = { place, mode, forMs: FAULT_MS };
    await this.#ask("/control", {
      method: "POST",
      body: JSON.stringify(order),
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
    });
  }

  async #ask(path: string, init: RequestInit = {}): Promise<string> {
    const answer = await fetch(this.#url + path, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }).catch(
      (error: unknown) => {
        const { cause } = error as { cause?: { code?: string } };
        throw new Error(`the node does not answer at its first port: ${cause?.code ?? String(error)}`);
      },
    );
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the node refuses: ${answer.status} ${text.trim()}`);
    return text;
  }
}
