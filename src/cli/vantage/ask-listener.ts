import type { RemoteReply } from "../../domain/report.ts";
import { Backoff } from "../shared/time/backoff.ts";
import { faultsTo } from "../shared/output/log.ts";
import { pause } from "../shared/time/pause.ts";
import type { ShardConnection } from "./shard-connection.ts";
import type { VantagePorts } from "./node-ports.ts";
import type { WorkOptions } from "./settings.ts";

/** The pause after a held call that was answered early but brought nothing new. */
const EMPTY_PAUSE_MS = 1_000;
/** The pause between two calls in every other case. */
const PAUSE_MS = 50;
/** Where no call is held: how often to ask. Reports would ask too, but without targets there are none. */
const ASK_EVERY_MS = 30_000;
/** After this many failures, another detector with a numbering of its own may answer. */
const STRANGER_AFTER = 3;
const FIRST_RETRY_MS = 1_000;

interface ListenerOwner {
  version: () => number;
  isMet: () => boolean;
  /** Receives the first reply, and the first after a long silence. */
  meet: (reply: RemoteReply) => void;
  take: (reply: RemoteReply) => void;
  /** Called after the first reply that follows failures. */
  answered: () => void;
}

/** Asks the detector for work, one held call after another, since the detector cannot call a remote vantage. */
export class Listener {
  readonly #line: ShardConnection;
  readonly #ports: VantagePorts;
  readonly #listenMs: number;
  readonly #backoff: Backoff;
  readonly #owner: ListenerOwner;
  #isStopped = false;
  #isFailing = false;
  #held = new AbortController();
  #pausing = new AbortController();

  constructor(
    line: ShardConnection,
    ports: VantagePorts,
    { listenMs, retryMaxMs }: Pick<WorkOptions, "listenMs" | "retryMaxMs">,
    owner: ListenerOwner,
  ) {
    this.#line = line;
    this.#ports = ports;
    this.#listenMs = listenMs;
    this.#backoff = new Backoff(ports.random, { firstMs: FIRST_RETRY_MS, longestMs: retryMaxMs });
    this.#owner = owner;
  }

  start(): void {
    void this.#run().catch(faultsTo(this.#ports.log));
  }

  stop(): void {
    this.#isStopped = true;
    this.#held.abort();
    this.#pausing.abort();
  }

  /** The detector has answered another call: the next try need not wait. */
  wake(): void {
    if (this.#isFailing) this.#pausing.abort();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const isGreeting = !this.#owner.isMet() || this.#backoff.failures >= STRANGER_AFTER;
      const waitMs = isGreeting || this.#isFailing ? 0 : this.#listenMs;
      const version = isGreeting ? 0 : this.#owner.version();
      const begun = this.#ports.monotonic();
      this.#held = new AbortController();
      const answer = await this.#line.call({ version, waitMs }, this.#held.signal);
      if (this.#isStopped) return;
      if (answer.kind === "ok") {
        const wasFailing = this.#isFailing;
        this.#backoff.reset();
        this.#isFailing = false;
        const isNews = this.#isNews(answer.reply, version);
        if (isGreeting) this.#owner.meet(answer.reply);
        else this.#owner.take(answer.reply);
        if (wasFailing) this.#owner.answered();
        const isEarly = this.#ports.monotonic() - begun < waitMs - EMPTY_PAUSE_MS;
        await this.#pause(this.#pauseMs(isNews, isEarly, waitMs));
      } else {
        this.#isFailing = true;
        const pauseMs = this.#backoff.fail();
        const { failures, isTelling } = this.#backoff;
        if (isTelling) this.#ports.log("warn", "detector-unreachable", { detail: answer.detail, failures });
        await this.#pause(pauseMs);
      }
    }
  }

  #isNews({ assignment, wanted }: RemoteReply, version: number): boolean {
    return wanted.length > 0 || (assignment !== undefined && assignment.version > version);
  }

  #pauseMs(isNews: boolean, isEarly: boolean, waitMs: number): number {
    if (this.#listenMs === 0) return ASK_EVERY_MS;
    return isEarly && waitMs > 0 && !isNews ? EMPTY_PAUSE_MS : PAUSE_MS;
  }

  #pause(ms: number): Promise<void> {
    this.#pausing = new AbortController();
    return pause(this.#ports.after, ms, this.#pausing.signal);
  }
}
