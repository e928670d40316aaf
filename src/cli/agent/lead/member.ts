import type { Called } from "../../../client/called.ts";
import type { Leasing } from "../../../client/group-calls.ts";
import { nameOf } from "../../shared/arguments/place.ts";
import type { LeaderAnswer, LeaseAnswer } from "../../../domain/group.ts";
import { fromInstant } from "../../../domain/instant.ts";
import { Backoff } from "../../shared/time/backoff.ts";
import { faultsTo } from "../../shared/output/log.ts";
import { pause } from "../../shared/time/pause.ts";
import { inWords } from "../../shared/output/trouble.ts";
import type { FenceCause } from "./fence.ts";
import { Follower } from "./follower.ts";
import {
  askLimitMs,
  followerPaceMs,
  type HeldLease,
  leaderPaceMs,
  phaseOf,
  renewedLease,
  retryPaceMs,
} from "./held-lease.ts";
import { carryOut } from "./order.ts";
import type { LeadPorts, LeadSettings } from "./lead-ports.ts";

/** What a member does at the moment. `idle`: it does not lead, as at first and after it was fenced. */
type Role = "idle" | "promoting" | "leading" | "fencing";

/** How often the member compares the clock with the lease. */
const LOOK_EVERY_MS = 25;
const SILENT = { firstMs: 1_000, longestMs: 5_000 };
/** How long a member that could not be made to lead does not ask, so that another may lead meanwhile. */
const ASIDE = { firstMs: 5_000, longestMs: 60_000 };
/** How long the last release may keep the agent from ending. */
const LAST_WORD_MS = 2_000;
const SHORTEST_MS = 1_000;
/** Refusals that may pass: too slow, too many. */
const LATER: ReadonlySet<number> = new Set([408, 429]);

/** A member of a group: asks for the lease, leads while it holds it, and stops when it must. */
export class Member {
  readonly #settings: LeadSettings;
  readonly #ports: LeadPorts;
  readonly #follower: Follower;
  readonly #silence: Backoff;
  readonly #aside: Backoff;
  readonly #end = new AbortController();
  #role: Role = "idle";
  #hold: HeldLease | null = null;
  /** Aborting it kills the command that makes the service lead. */
  #promotion = new AbortController();
  /** The epoch in which this member has stopped leading, until the detector has acknowledged its release. */
  #owed: number | null = null;
  #asideMs = 0;
  /** Ends the pause before the next call. */
  #wake = new AbortController();
  #stopping: Promise<void> | undefined;
  #isSilent = false;
  #isStale = false;

  constructor(settings: LeadSettings, ports: LeadPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#follower = new Follower(settings, ports);
    this.#silence = new Backoff(ports.random, SILENT);
    this.#aside = new Backoff(ports.random, ASIDE);
  }

  run(): void {
    const fault = faultsTo(this.#ports.log);
    void this.#ask().catch(fault);
    void this.#watch().catch(fault);
  }

  /** The guard has begun to fence, and the member does so too. */
  readonly fencing = (cause: FenceCause): void => void this.#stopLeading(cause);

  /** The service was started anew beside the agent, and lacks every order that the process before it received. */
  served(): void {
    if (!this.#isActive) this.#follower.again();
    else if (this.#hold !== null) void this.#promote(this.#hold).catch(faultsTo(this.#ports.log));
  }

  /** `ended`: the service has ended; `stopping`: the agent shall end. A strict leader is never left without an agent that would stop it. */
  async close(cause: "ended" | "stopping"): Promise<void> {
    this.#end.abort();
    this.#wake.abort();
    this.#follower.stop();
    const mustStop = cause === "ended" || this.#hold?.isStrict === true || this.#role === "promoting";
    if (this.#hold !== null && mustStop) await this.#stopLeading(cause);
    if (this.#owed !== null) await this.#release(this.#owed, LAST_WORD_MS);
    await this.#ports.keeper.standDown();
  }

  get #isActive(): boolean {
    return this.#role === "leading" || this.#role === "promoting";
  }

  async #watch(): Promise<void> {
    const { reading, after } = this.#ports;
    for (; !this.#end.signal.aborted; await pause(after, LOOK_EVERY_MS, this.#end.signal))
      if (this.#isActive && this.#hold !== null && phaseOf(this.#hold, reading()) !== "held")
        void this.#stopLeading("lease");
  }

  async #ask(): Promise<void> {
    const { after } = this.#ports;
    while (!this.#end.signal.aborted) {
      this.#wake = new AbortController();
      // A turn that fails is followed by another one.
      const paceMs = await this.#turn().catch((cause: unknown) => {
        faultsTo(this.#ports.log)(cause);
        return SHORTEST_MS;
      });
      await pause(after, paceMs, this.#wake.signal);
    }
  }

  /** Asks for the lease once and acts on the answer; returns the milliseconds until the next time. */
  async #turn(): Promise<number> {
    const { reading, random, after, lease } = this.#ports;
    // While the service is made to stop, a renewal would only keep the next leader waiting.
    await this.#stopping;
    if (this.#end.signal.aborted) return 0;
    if (this.#owed !== null) {
      await this.#release(this.#owed, askLimitMs(null));
      return Math.max(SHORTEST_MS, this.#asideMs);
    }
    const sent = reading();
    const limit = new AbortController();
    const cancel = after(askLimitMs(this.#hold), () => limit.abort());
    const called = await lease(limit.signal);
    cancel();
    if (this.#end.signal.aborted) return 0;
    if (called.kind !== "ok") return this.#unheard(called);
    this.#heard();
    if (called.value.leads) return this.#granted(called.value.lease, sent);
    this.#refused(called.value.leader, called.value.detail);
    const until = called.value.leader?.until ?? null;
    const saidAt = Date.parse(called.headers?.get("Date") ?? "");
    const now = Number.isNaN(saidAt) ? this.#ports.wall() : saidAt;
    return followerPaceMs(until === null ? null : fromInstant(until) - now, random());
  }

  #granted({ epoch, leaseMs, lease }: LeaseAnswer, sent: HeldLease["sent"]): number {
    const { keeper, reading, random } = this.#ports;
    const answer: HeldLease = { epoch, leaseMs, isStrict: lease === "strict", sent };
    const paceMs = leaderPaceMs(leaseMs, random());
    if (this.#role === "fencing" || this.#isOlder(epoch) || this.#isSpent(answer)) return SHORTEST_MS;
    if (this.#isActive && this.#hold?.epoch === epoch) {
      const next = renewedLease(this.#hold, answer, reading());
      // The answer came too late: `#watch` stops the service.
      if (next === null) return paceMs;
      this.#hold = next;
      void keeper.hold(next);
      return paceMs;
    }
    if (phaseOf(answer, reading()) === "held") void this.#promote(answer).catch(faultsTo(this.#ports.log));
    return paceMs;
  }

  /** Whether an epoch is older than one of another leader or of an earlier run of ours. */
  #isOlder(epoch: number): boolean {
    const { epochs, log } = this.#ports;
    const { greatest } = epochs;
    const isOlder = epoch < greatest;
    if (isOlder && !this.#isStale)
      log("error", "epoch-older", { epoch, greatest, so: "it does not lead by it", file: epochs.file });
    this.#isStale = isOlder;
    if (isOlder && this.#isActive) void this.#stopLeading("superseded");
    return isOlder;
  }

  /** Whether a strict lease has an epoch that was given back. Then it is given back once more, and the next lease has another epoch. */
  #isSpent({ epoch, isStrict }: HeldLease): boolean {
    if (!isStrict || this.#isActive || epoch > this.#ports.epochs.spent) return false;
    this.#owed = epoch;
    return true;
  }

  async #promote(hold: HeldLease): Promise<void> {
    const { log } = this.#ports;
    const { epoch, leaseMs, isStrict } = hold;
    this.#promotion.abort();
    this.#role = "promoting";
    this.#hold = hold;
    this.#follower.stop();
    const promotion = new AbortController();
    this.#promotion = promotion;
    const why = await this.#lead(hold, promotion.signal);
    // It was fenced meanwhile, or a new lease was granted.
    if (promotion.signal.aborted || this.#promotion !== promotion) return;
    if (why === null) {
      this.#role = "leading";
      this.#aside.reset();
      this.#asideMs = 0;
      log("info", "leading", { epoch, leaseMs, lease: isStrict ? "strict" : "advisory" });
      return;
    }
    log("error", "not-led", { epoch, reason: why, so: "it is fenced, and the lease given back" });
    this.#asideMs = this.#aside.fail();
    await this.#stopLeading("failed");
  }

  /** Null when the service leads; else why not. */
  async #lead(hold: HeldLease, stop: AbortSignal): Promise<string | null> {
    const { epochs, keeper } = this.#ports;
    const { onLead, limitMs, environment } = this.#settings;
    try {
      // The epoch is kept before anything is done by it.
      epochs.keep(hold.epoch);
    } catch (error) {
      return `the epoch could not be kept: ${(error as Error).message}`;
    }
    if (!(await keeper.hold(this.#hold)) && hold.isStrict) return "nothing guards it";
    if (onLead === undefined) return null;
    const own = { PARALLAX_EPOCH: String(hold.epoch), PARALLAX_LEADER_MEMBER: nameOf(this.#settings.place) };
    const done = await carryOut({
      command: onLead,
      environment: { ...environment, ...own },
      limitMs,
      stop,
      admit: async (group) => (await keeper.running(group)) || !hold.isStrict,
    });
    if (!stop.aborted) await keeper.running(null);
    return done.ok ? null : `--on-lead: ${done.why}`;
  }

  /** Resolves when the service does not lead any more. Concurrent callers share one stop. */
  #stopLeading(cause: FenceCause): Promise<void> {
    const hold = this.#hold;
    if (hold === null) return Promise.resolve();
    this.#stopping ??= this.#stop(hold, cause).finally(() => (this.#stopping = undefined));
    return this.#stopping;
  }

  async #stop(hold: HeldLease, cause: FenceCause): Promise<void> {
    const { keeper, log } = this.#ports;
    this.#role = "fencing";
    this.#promotion.abort();
    log("warn", "stops-leading", { epoch: hold.epoch, cause });
    await keeper.fence(cause);
    if (hold.isStrict) this.#spend(hold.epoch);
    this.#role = "idle";
    this.#hold = null;
    this.#owed = hold.epoch;
    this.#follower.forget();
    this.#wake.abort();
    log("info", "does-not-lead", { epoch: hold.epoch, cause });
  }

  #spend(epoch: number): void {
    const { epochs, log } = this.#ports;
    try {
      epochs.spend(epoch);
    } catch (error) {
      log("error", "epoch-not-kept", { reason: (error as Error).message });
    }
  }

  #refused(leader: LeaderAnswer | null, detail: string): void {
    const { epochs, log } = this.#ports;
    const isOther = leader !== null && nameOf(leader) !== nameOf(this.#settings.place);
    try {
      if (leader !== null) epochs.keep(leader.epoch);
    } catch (error) {
      log("error", "epoch-not-kept", { reason: (error as Error).message });
    }
    if (this.#role === "fencing") return;
    if (this.#isActive) {
      log("info", "leads-no-more", { detail });
      void this.#stopLeading(isOther ? "superseded" : "switch");
    } else if (isOther || leader === null) this.#follower.follow(leader);
  }

  /** Reports to the detector that the service has stopped. True when the detector has accepted that, or never will. */
  async #release(epoch: number, withinMs: number): Promise<boolean> {
    const { after, release, log } = this.#ports;
    const limit = new AbortController();
    const cancel = after(withinMs, () => limit.abort());
    const called = await release(epoch, limit.signal);
    cancel();
    const isHeard =
      called.kind === "ok" || (called.kind === "refused" && called.status < 500 && !LATER.has(called.status));
    if (!isHeard) return false;
    if (this.#owed === epoch) this.#owed = null;
    log("info", "released", { epoch });
    return true;
  }

  #unheard(called: Exclude<Called<Leasing>, { kind: "ok" }>): number {
    const { random, log } = this.#ports;
    const hold = this.#hold;
    const so =
      hold === null || !this.#isActive
        ? "it does not lead"
        : hold.isStrict
          ? "it stops leading before the lease ends"
          : "it goes on leading";
    if (!this.#isSilent) log("warn", "lease-unanswered", { reason: inWords(called), so });
    this.#isSilent = true;
    return hold === null ? this.#silence.fail() : retryPaceMs(hold.leaseMs, random());
  }

  #heard(): void {
    if (this.#isSilent) this.#ports.log("info", "lease-answered");
    this.#isSilent = false;
    this.#silence.reset();
  }
}
