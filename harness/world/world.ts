/** What is watched: real processes, each of them a target of a real detector. The one builder of worlds, for tests, demo and harnesses. */
import type { DetectorApi, Key, TargetBody } from "../../scripts/detector-api.ts";
import { until } from "../../scripts/until.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { NodeProcess } from "../nodes/process.ts";
import { openWitness, type WitnessPort } from "../nodes/witness.ts";

/** How often and how long each target is looked at, where a world says nothing else. */
export const TIMES = { intervalMs: 5_000, timeoutMs: 2_000 };

export const nameOf = ({ site, target }: Key): string => `${site}/${target}`;

export class LiveWorld {
  readonly api: DetectorApi;
  readonly #keys: Key[] = [];
  readonly #ends: (() => Promise<unknown>)[] = [];
  #witness: Promise<WitnessPort> | undefined;

  /** `api`: of the detector that is to watch it. Whoever started the detector stops it, or gives it to `endWith`. */
  constructor(api: DetectorApi) {
    this.api = api;
  }

  /** All targets that were given to be watched. */
  get keys(): readonly Key[] {
    return this.#keys;
  }

  /** Runs `end` when the world ends; what was begun last is ended first. */
  endWith(end: () => Promise<unknown>): void {
    this.#ends.unshift(end);
  }

  /** Starts a process, on loopback and a free port. */
  async node(settings: Parameters<typeof NodeProcess.start>[0] = {}): Promise<NodeProcess> {
    return this.own(await NodeProcess.start(settings));
  }

  /** Has a process ended with the world. */
  own(node: NodeProcess): NodeProcess {
    this.endWith(() => node.stop());
    return node;
  }

  /** The second port of the host on which all of the world stands, opened by the first who asks. `host`: where it listens. */
  async witness(host?: string): Promise<WitnessPort> {
    this.#witness ??= openWitness(host).then((witness) => {
      this.endWith(() => witness.close());
      return witness;
    });
    return this.#witness;
  }

  /** Has the detector watch a target, at the times of `TIMES` where `body` says nothing else. */
  async watch(key: Key, body: TargetBody): Promise<void> {
    await this.api.putTarget(key, { ...TIMES, ...body });
    this.#keys.push(key);
  }

  /** Waits until the verdict of a target is as `holds` wants it; `withinMs` counts from now. Throws what it was instead. */
  async reach(
    key: Key,
    holds: (verdict: VerdictAnswer) => boolean,
    {
      withinMs,
      everyMs = 100,
      wanted = "as wanted",
    }: { withinMs: number; everyMs?: number; wanted?: string },
  ): Promise<VerdictAnswer & { tookMs: number }> {
    const begin = performance.now();
    let last: VerdictAnswer | undefined;
    return until(
      async () => {
        last = await this.api.verdict(key);
        return holds(last) && { ...last, tookMs: performance.now() - begin };
      },
      {
        withinMs,
        everyMs,
        explain: () =>
          `${nameOf(key)} is ${last?.verdict}, not ${wanted}, after ${withinMs} ms: ${last?.because}`,
      },
    );
  }

  /** Which of these targets are not alive, in words; empty where all are. */
  async ills(keys: readonly Key[] = this.#keys): Promise<string> {
    const verdicts = await Promise.all(keys.map((key) => this.api.verdict(key)));
    return verdicts
      .filter(({ verdict }) => verdict !== "alive")
      .map((one) => `${nameOf(one)} ${one.verdict}`)
      .join(", ");
  }

  /** Ends all that was begun, even where an end fails; throws the first failure. */
  async stop(): Promise<void> {
    const failed: unknown[] = [];
    for (const end of this.#ends.splice(0)) await end().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }
}

/** Waits until `ills` names nothing any more. Throws what it named last. */
export const untilWell = async (
  ills: () => Promise<string>,
  { withinMs, heard = () => undefined }: { withinMs: number; heard?: (ills: string) => void },
): Promise<void> => {
  let last = "";
  await until(
    async () => {
      last = await ills().catch((error: unknown) => String(error));
      heard(last);
      return last === "";
    },
    { withinMs, explain: () => `not all is well: ${last}` },
  );
};
