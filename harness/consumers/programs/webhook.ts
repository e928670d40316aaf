import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { endAtExit, signalProcess } from "../../../scripts/children.ts";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import type { Verdict } from "../../../src/domain/verdict.ts";
import type { TransitionData } from "../../../src/domain/webhook.ts";
import type { Consumer, Row } from "../consumer.ts";
import { exampleFile } from "../example.ts";
import type { World } from "../world.ts";

const SITE = "webhook";
const TOLD_WITHIN_MS = 60_000;
const FORGERY = {
  "webhook-id": "msg_forged",
  "webhook-timestamp": "1",
  "webhook-signature": "v1,bm90IGEgc2lnbmF0dXJlIGF0IGFsbCwgb2YgMzIgYnl0ZXM=",
};

/** The example's process, and what it printed. */
class Receiver {
  readonly messages: { type: string; data: TransitionData }[] = [];
  readonly port: number;
  readonly #secret: string;
  #child: ChildProcess | undefined;
  #forget: (() => void) | undefined;

  constructor(port: number, secret: string) {
    this.port = port;
    this.#secret = secret;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [exampleFile("webhook/receiver.mjs")], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { WEBHOOK_SECRET: this.#secret, PORT: String(this.port) },
    });
    this.#child = child;
    this.#forget = endAtExit(() => signalProcess(child.pid, "SIGKILL"));
    let heard = "";
    child.stdout.on("data", (bytes: Buffer) => {
      const lines = `${heard}${bytes.toString()}`.split("\n");
      heard = lines.pop() ?? "";
      for (const line of lines) this.messages.push(JSON.parse(line));
    });
    await until(() => this.forge().catch(() => undefined), {
      withinMs: TOLD_WITHIN_MS,
      explain: () => "the receiver does not listen",
    });
  }

  /** The status a forged message is answered with. */
  async forge(): Promise<number> {
    const body = JSON.stringify({ type: "transition", timestamp: new Date().toISOString(), data: {} });
    return (await fetch(this.url, { method: "POST", body, headers: FORGERY })).status;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    this.#child = undefined;
    this.#forget?.();
  }

  has(verdict: Verdict): boolean {
    return this.messages.some(({ data }) => data.transition.to === verdict);
  }
}

const told = (receiver: Receiver, verdict: Verdict): Promise<true> =>
  until(() => receiver.has(verdict), {
    withinMs: TOLD_WITHIN_MS,
    explain: () => `${verdict} was not told: ${JSON.stringify(receiver.messages)}`,
  });

const play = async (world: World): Promise<Row[]> => {
  const { api } = world.detector;
  const { primary } = await world.pair(SITE);
  const port = await freePort();
  const body = { url: `http://127.0.0.1:${port}/`, sites: [SITE], events: "verdict" };
  const { text } = await api.ask("/v1/webhooks/consumer", { method: "PUT", body });
  const receiver = new Receiver(port, (JSON.parse(text) as { secret: string }).secret);
  try {
    await receiver.start();
    const row = (scenario: string, rest: Partial<Row>): Row => ({
      scenario: `webhook/${scenario}`,
      verdict: "process_crashed",
      fault: "fine",
      expected: "verified",
      did: "verified",
      ok: true,
      seconds: 0,
      violations: 0,
      detail: "",
      ...rest,
    });
    const forged = await receiver.forge();
    const refused = {
      expected: "401",
      did: String(forged),
      ok: forged === 401 && receiver.messages.length === 0,
    };
    let begin = performance.now();
    await primary.node.kill();
    await told(receiver, "process_crashed");
    const seconds = (performance.now() - begin) / 1_000;
    await receiver.kill();
    await primary.node.revive();
    await until(async () => (await api.verdict(primary.key)).verdict === "alive", {
      withinMs: TOLD_WITHIN_MS,
      explain: () => "the node is not alive",
    });
    begin = performance.now();
    await receiver.start();
    await told(receiver, "alive");
    const late = (performance.now() - begin) / 1_000;
    const sequences = receiver.messages.map(({ data }) => data.transition.sequence);
    const isOnce = new Set(sequences).size === sequences.length;
    return [
      row("killed", {
        seconds: Number(seconds.toFixed(1)),
        detail: "kill -9 of the node until the receiver has it",
      }),
      row("receiver down", {
        verdict: "alive",
        expected: "verified, once",
        did: isOnce ? "verified, once" : `sequences ${sequences.join(", ")}`,
        ok: isOnce,
        seconds: Number(late.toFixed(1)),
        detail: "from its return",
      }),
      row("forged", { verdict: "not asked", ...refused, detail: "a signature of somebody else's" }),
    ];
  } finally {
    await receiver.kill();
    await api.ask("/v1/webhooks/consumer", { method: "DELETE" });
  }
};

/** The reference implementation's verification, in a process of its own. */
export const webhook: Consumer = {
  name: "webhook",
  title: "a receiver with `standardwebhooks`",
  recommended: true,
  example: "examples/webhook",
  needs: { commands: {} },
  states: [],
  pollMs: 0,
  rounds: 0,
  start: async (world) => {
    const rows = play(world);
    rows.catch(() => undefined);
    return {
      version: "standardwebhooks 1.1",
      observe: async () => ({ did: "" }),
      also: () => rows,
      stop: async () => void (await rows.catch(() => undefined)),
    };
  },
  expects: () => "",
  isSwitch: () => false,
};
