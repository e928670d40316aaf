import { nameOf } from "../../shared/arguments/place.ts";
import type { LeaderAnswer } from "../../../domain/group.ts";
import { Backoff } from "../../shared/time/backoff.ts";
import { faultsTo } from "../../shared/output/log.ts";
import { pause } from "../../shared/time/pause.ts";
import { carryOut } from "./order.ts";
import type { LeadPorts, LeadSettings } from "./lead-ports.ts";

const RETRY = { firstMs: 1_000, longestMs: 30_000 };

/** Runs the user's command that makes the service follow a leader: once for each leader, tried again until it succeeds. */
export class Follower {
  readonly #settings: LeadSettings;
  readonly #ports: Pick<LeadPorts, "after" | "random" | "log">;
  /** The leader that was followed last; undefined before the first, null where the service has been left without a leader. */
  #followed: string | null | undefined;
  #stop = new AbortController();

  constructor(settings: LeadSettings, ports: Pick<LeadPorts, "after" | "random" | "log">) {
    this.#settings = settings;
    this.#ports = ports;
  }

  /** Null: there is no leader. The command learns that only at a start; later the service waits unchanged for the next leader. */
  follow(leader: LeaderAnswer | null): void {
    const key = leader === null ? null : `${nameOf(leader)} ${leader.epoch}`;
    if (key === this.#followed || (leader === null && this.#followed !== undefined)) return;
    this.stop();
    this.#followed = key;
    this.#stop = new AbortController();
    void this.#tell(leader, this.#stop.signal).catch(faultsTo(this.#ports.log));
  }

  /** After the service was made to stop: it waits for the next leader and follows that, even if it is the same one. */
  forget(): void {
    this.stop();
    this.#followed = null;
  }

  /** A new process is the service and has no leader yet: the next answer is followed, even the same leader, and even none. */
  again(): void {
    this.stop();
    this.#followed = undefined;
  }

  stop(): void {
    this.#stop.abort();
    this.#followed = null;
  }

  async #tell(leader: LeaderAnswer | null, stop: AbortSignal): Promise<void> {
    const { onFollow, limitMs, environment } = this.#settings;
    const { after, random, log } = this.#ports;
    const name = leader === null ? "" : nameOf(leader);
    log("info", "following", { leader: name, address: leader?.address, epoch: leader?.epoch });
    if (onFollow === undefined) return;
    const own = {
      PARALLAX_LEADER: leader?.address ?? "",
      PARALLAX_LEADER_MEMBER: name,
      PARALLAX_EPOCH: String(leader?.epoch ?? ""),
    };
    const backoff = new Backoff(random, RETRY);
    while (!stop.aborted) {
      const done = await carryOut({
        command: onFollow,
        environment: { ...environment, ...own },
        limitMs,
        stop,
      });
      if (done.ok || stop.aborted) return;
      const waitMs = backoff.fail();
      if (backoff.isTelling)
        log("error", "on-follow-failed", { leader: name, reason: done.why, so: "tried again" });
      await pause(after, waitMs, stop);
    }
  }
}
