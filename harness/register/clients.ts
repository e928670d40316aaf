/** The clients that write to the register and read it, through the leader and through a member that they take for the leader. */
import { setTimeout as wait } from "node:timers/promises";
import type { DetectorApi } from "../../scripts/detector-api.ts";
import { SERVICE_PORT } from "../lab/machine.ts";
import { addressOf } from "../lab/topology.ts";
import { Draw, nameOf } from "../sim/draw.ts";
import type { Operation } from "./history.ts";
import { GROUP, memberOf } from "./member.ts";
import { type Member, MEMBERS } from "./plan.ts";
import { monotonic, type Recorder } from "./recorder.ts";

const CLIENTS = 5;
const LEAST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 200;
const ANSWER_WITHIN_MS = 2_500;
const LEADER_WITHIN_MS = 1_000;
const ASKS_FIRST = 0.6;
/** For clients that do not ask who leads: they try any member, the former leader included. */
const TRIES_ANYBODY = 0.3;
const WRITES = 0.6;
const TOLD_EVERY_MS = 100;

/** The leader, as the detector reports it; undefined if no member leads or no answer comes. */
const askLeader = async ({ url }: DetectorApi): Promise<{ node: Member; epoch: number } | undefined> => {
  try {
    const answer = await fetch(`${url}/v1/groups/${GROUP}/leader?format=text`, {
      headers: { authorization: "Bearer local-read" },
      signal: AbortSignal.timeout(LEADER_WITHIN_MS),
    });
    const [name = "", , epoch = ""] = (await answer.text()).trim().split(" ");
    if (answer.status !== 200) return undefined;
    const [site = "", target = ""] = name.split("/");
    const node = memberOf({ site, target });
    return node === undefined ? undefined : { node, epoch: Number(epoch) };
  } catch {
    return undefined;
  }
};

const isRefused = (error: unknown): boolean =>
  error instanceof Error && (error.cause as { code?: string } | undefined)?.code === "ECONNREFUSED";

type Ended = Pick<Operation, "outcome" | "value" | "epoch" | "completedAt">;

export class Clients {
  readonly #api: DetectorApi;
  readonly #recorder: Recorder;
  readonly #loops: Promise<void>[];
  #isOver = false;

  constructor(api: DetectorApi, recorder: Recorder, seed: number) {
    this.#api = api;
    this.#recorder = recorder;
    this.#loops = [
      ...Array.from({ length: CLIENTS }, (_, index) =>
        this.#go(`c${index + 1}`, new Draw(nameOf(seed, -1, index))),
      ),
      this.#hear(),
    ];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  /** Keeps the leader that the detector reports. */
  async #hear(): Promise<void> {
    while (!this.#isOver) {
      const told = await askLeader(this.#api);
      if (told !== undefined) this.#recorder.hearTold(told.node, told.epoch);
      await wait(TOLD_EVERY_MS);
    }
  }

  async #go(client: string, draw: Draw): Promise<void> {
    let believed = draw.pick(MEMBERS);
    for (let count = 1; !this.#isOver; count++) {
      await wait(draw.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
      if (draw.isHit(ASKS_FIRST)) believed = (await askLeader(this.#api))?.node ?? believed;
      const node = draw.isHit((1 - ASKS_FIRST) * TRIES_ANYBODY) ? draw.pick(MEMBERS) : believed;
      const isWrite = draw.isHit(WRITES);
      await this.#carryOut(client, node, isWrite ? `${client}-${count}` : null);
    }
  }

  async #carryOut(client: string, node: Member, written: string | null): Promise<void> {
    const kind = written === null ? "read" : "write";
    const operation: Operation = {
      client,
      kind,
      value: written,
      epoch: null,
      node,
      invokedAt: monotonic(),
      completedAt: null,
      outcome: "unknown",
    };
    // The history contains the operation from now on, whatever its outcome.
    this.#recorder.operations.push(operation);
    Object.assign(operation, await this.#ask(node, written));
  }

  async #ask(node: Member, written: string | null): Promise<Partial<Ended>> {
    const url = `http://${addressOf(node)}:${SERVICE_PORT}/${written === null ? "read" : "write"}`;
    try {
      const answer = await fetch(url, {
        ...(written === null ? {} : { method: "POST", body: written }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const { value, epoch, why } = (await answer.json()) as {
        value?: string | null;
        epoch?: number;
        why?: string;
      };
      const completedAt = monotonic();
      if (why === "fenced") this.#recorder.fenced += 1;
      if (answer.status === 409) return { outcome: "refused", completedAt };
      if (answer.status !== 200) return {};
      return {
        outcome: "ok",
        completedAt,
        epoch: epoch ?? null,
        ...(written === null ? { value: value ?? null } : {}),
      };
    } catch (error) {
      // The connection was refused: no part of the request was sent.
      return isRefused(error) ? { outcome: "refused", completedAt: monotonic() } : {};
    }
  }
}
