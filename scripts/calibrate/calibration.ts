/** Causes the faults, one after another, and gathers the results of each. */
import { setTimeout as pause } from "node:timers/promises";
import type { Called, Client } from "../../src/client/client.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import type { Fault } from "./faults.ts";
import type { NodeControl } from "./node-control.ts";
import { PORTS } from "./order.ts";
import type { Measured, Stand, Watched } from "./record.ts";

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 3_000;
/** All targets are new, and a name has to settle. */
const ALIVE_WITHIN_MS = 60_000;
/** A hung process, the slowest to be named, took 20 s under a local runtime. */
const WATCHED_MS = 45_000;
/** A verdict that holds for this long, after every vantage has looked, counts as final. */
const SETTLED_MS = 8_000;
const POLL_MS = 500;
/** How far the detector's clock may differ from ours. */
const CLOCKS_MS = 1_000;

export interface Place {
  node: string;
  port: number;
}

/** The caller, which may stop the calibration and is notified of its progress. */
export interface Run {
  client: Client;
  control: NodeControl;
  place: Place;
  faults: readonly Fault[];
  stands: readonly Stand[];
  site: string;
  stop: AbortSignal;
  say: (line: string) => void;
}

const urlOf = ({ node, port }: Place, { scheme, port: name, url, name: place }: Fault): string =>
  url ?? `${scheme}://${node}:${port + PORTS[name]}/t/${place}`;

/** The value, or an error with the detector's message. */
export const valueOf = <T>(called: Called<T>, what: string): T => {
  if (called.kind === "ok") return called.value;
  throw new Error(`${what}: ${called.kind === "refused" ? `${called.status} ` : ""}${called.detail}`);
};

/** Adds the current verdict if it differs from the one before. */
const noted = (verdicts: Watched["verdicts"], answer: VerdictAnswer, afterMs: number): VerdictAnswer => {
  const { verdict, confirmed, rule } = answer;
  const last = verdicts.at(-1);
  if (last?.verdict !== verdict || last.confirmed !== confirmed)
    verdicts.push({ verdict, confirmed, rule, afterMs });
  return answer;
};

/** The expected verdict has held for long enough. */
const isSettled = (
  { verdicts: expected = [] }: Fault,
  verdicts: Watched["verdicts"],
  afterMs: number,
): boolean => {
  const last = verdicts.at(-1);
  return last !== undefined && expected.includes(last.verdict) && afterMs - last.afterMs >= SETTLED_MS;
};

export class Calibration {
  readonly measured: Measured;
  readonly troubles: string[] = [];
  readonly #run: Run;
  readonly #targets = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
    this.measured = { vantages: [...run.stands], reached: [], watched: [] };
  }

  /** Resolves when all faults are done, or soon after a stop. */
  async measure(): Promise<void> {
    const { faults, say, stop } = this.#run;
    for (const fault of faults) {
      if (stop.aborted) return;
      say(`${fault.name}: reaching out from ${this.#run.stands.length} vantages`);
      await this.#under(fault, () => this.#reach(fault));
    }
    const watched = faults.filter(({ outcomes }) => outcomes !== undefined);
    if (watched.length === 0) return;
    say(`making ${watched.length} targets in site ${this.#run.site}`);
    for (const fault of watched) await this.#put(fault);
    await this.#alive(watched);
    for (const fault of watched) {
      if (stop.aborted) return;
      say(`${fault.name}: watching what is made of it`);
      await this.#under(fault, () => this.#watch(fault));
    }
  }

  /** Removes everything that was created; never throws. Returns what is left, in words. */
  async end(): Promise<string[]> {
    const { client, control, site } = this.#run;
    const left: string[] = [];
    for (const target of this.#targets) {
      const called = await client.targets.delete({ site, target });
      if (called.kind !== "ok") left.push(`target ${site}/${target} could not be deleted: ${called.detail}`);
    }
    for (const { name } of this.#run.faults) await control.set(name, "ok").catch(() => undefined);
    return left;
  }

  /** Runs `work` while the fault holds. Notes a failure, and the caller goes on with the next fault. */
  async #under(fault: Fault, work: () => Promise<void>): Promise<void> {
    const { control, stop } = this.#run;
    if (stop.aborted) return;
    try {
      if (fault.mode !== undefined && fault.mode !== "ok") await control.set(fault.name, fault.mode);
      await work();
    } catch (error) {
      if (!stop.aborted) this.troubles.push(`${fault.name}: ${(error as Error).message}`);
    } finally {
      if (fault.mode !== undefined) await control.set(fault.name, "ok").catch(() => undefined);
    }
  }

  async #reach(fault: Fault): Promise<void> {
    const { client, place, stands, stop } = this.#run;
    const body = { url: urlOf(place, fault), ...(fault.times === undefined ? {} : { times: fault.times }) };
    const all = await Promise.all(
      stands.map(async ({ id }) => ({ id, called: await client.vantages.attempt(id, body, { stop }) })),
    );
    for (const { id, called } of all) {
      if (called.kind !== "ok") {
        if (!stop.aborted)
          this.troubles.push(`${fault.name}: vantage ${id} reached nothing: ${called.detail}`);
        continue;
      }
      const { colo, attempts } = called.value;
      this.measured.reached.push({ fault: fault.name, vantage: id, colo, attempts });
      const stand = this.measured.vantages.find((one) => one.id === id);
      if (stand !== undefined) stand.colo ??= colo;
    }
  }

  async #put(fault: Fault): Promise<void> {
    const { client, place, site, stands, stop } = this.#run;
    if (stop.aborted) return;
    this.#targets.add(fault.name);
    const called = await client.targets.put(
      { site, target: fault.name },
      {
        url: urlOf(place, fault),
        witness: `tcp://${place.node}:${place.port}`,
        intervalMs: INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        vantages: stands.map(({ id }) => id),
      },
    );
    valueOf(called, `${fault.name}: the target was not made`);
  }

  #verdict({ name }: Fault): Promise<Called<VerdictAnswer>> {
    const { client, site, stop } = this.#run;
    return client.verdict({ site, target: name }, { stop });
  }

  /** Waits until the targets that can be well are, and notes which are not. */
  async #alive(watched: readonly Fault[]): Promise<void> {
    const { say, stop } = this.#run;
    const missing = new Set(watched.filter(({ mode }) => mode !== undefined));
    const end = performance.now() + ALIVE_WITHIN_MS;
    say("waiting until all of them are alive");
    while (missing.size > 0 && performance.now() < end && !stop.aborted) {
      for (const fault of missing) {
        const called = await this.#verdict(fault);
        if (called.kind === "ok" && called.value.verdict === "alive") missing.delete(fault);
      }
      await this.#pause(POLL_MS);
    }
    if (stop.aborted) return;
    for (const { name } of missing) this.troubles.push(`${name}: was not alive within ${ALIVE_WITHIN_MS} ms`);
  }

  async #watch(fault: Fault): Promise<void> {
    const { stop } = this.#run;
    const begin = performance.now();
    const beganAt = Date.now();
    const verdicts: Watched["verdicts"] = [];
    let newest: VerdictAnswer | undefined;
    for (;;) {
      const called = await this.#verdict(fault);
      const afterMs = Math.round(performance.now() - begin);
      if (called.kind === "ok") newest = noted(verdicts, called.value, afterMs);
      const haveLooked = this.#looksSince(newest, beganAt).length >= this.#run.stands.length;
      const isOver = haveLooked && isSettled(fault, verdicts, afterMs);
      if (isOver || afterMs > WATCHED_MS || stop.aborted) break;
      await this.#pause(POLL_MS);
    }
    if (stop.aborted) return;
    const looks = this.#looksSince(newest, beganAt);
    if (looks.length === 0) throw new Error(`nobody looked within ${WATCHED_MS} ms`);
    this.measured.watched.push({ fault: fault.name, verdicts, looks });
  }

  /** The looks since then, by the detector's clock; a look that is still under way is not included. */
  #looksSince(answer: VerdictAnswer | undefined, beganAt: number): Watched["looks"] {
    return (answer?.evidence ?? [])
      .filter(({ at, outcome }) => outcome !== "pending" && Date.parse(at) >= beganAt - CLOCKS_MS)
      .map(({ vantage, outcome, stage, totalMs, detail }) => ({
        vantage,
        outcome,
        stage,
        totalMs,
        detail: detail ?? null,
      }));
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#run.stop }).catch(() => undefined);
  }
}
