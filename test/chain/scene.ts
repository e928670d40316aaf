import { expect, inject } from "vitest";
import {
  type Answer,
  type DetectorApi,
  type Key,
  pathOf,
  type TargetBody,
} from "../../scripts/detector-api.ts";
import { Detector } from "../../scripts/detector.ts";
import { inWords, Machine } from "../../scripts/machine.ts";
import { freePort } from "../../scripts/port.ts";
import { Poller } from "../../scripts/poller.ts";
import { rejudged } from "../../scripts/rejudged.ts";
import { until } from "../../scripts/until.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import type { NodeSettings } from "../../harness/nodes/mode.ts";
import type { NodeProcess } from "../../harness/nodes/process.ts";
import { type Deployed, launchHost } from "../../harness/world/launch.ts";
import { LiveWorld, nameOf } from "../../harness/world/world.ts";

/** The time in which all vantages see a new or repaired target and its verdict settles. */
const HEALTHY_WITHIN_MS = 40_000;

/** Starts a detector under Miniflare, with the variables of `npm run dev`. */
export const startDetector = async (deployed: Deployed = {}): Promise<Detector> =>
  Detector.start(launchHost(inject("bundle"), deployed), await freePort());

/** For a hook, where there is no detector if its start failed. */
export const stopDetector = async (detector: Detector | undefined): Promise<void> => detector?.stop();

/** Fields that a verdict must have with these values. */
export type Expected = Partial<
  Pick<VerdictAnswer, "verdict" | "confirmed" | "scope" | "reachableFrom" | "unreachableFrom">
>;

const matches = (verdict: VerdictAnswer, expected: Expected): boolean =>
  Object.entries(expected).every(
    ([field, value]) => JSON.stringify(verdict[field as keyof Expected]) === JSON.stringify(value),
  );

export interface Checks {
  up: number;
  avoid: number;
  failover: number;
}

let scenes = 0;

/**
 * One scenario: sites of its own on a shared detector, real nodes, and a poller on each target from its first moment on. Whatever the
 * scenario is, at its end the history must hold every sequence that the poller saw, and `/failover` must never have answered 200 for a
 * target unless the scenario allowed that by `letFailover`.
 */
export class Scene {
  readonly detector: Detector;
  readonly site: string;
  readonly #world: LiveWorld;
  readonly #pollers: Poller[] = [];
  readonly #let = new Set<string>();
  readonly #machine: Machine;

  private constructor(detector: Detector) {
    this.detector = detector;
    this.#world = new LiveWorld(detector.api);
    this.#machine = new Machine(detector.api);
    this.site = `site-${++scenes}`;
  }

  /**
   * Runs a scenario to its end, checks what must always hold, and deletes everything again. `tellsEvidence` is false for a detector with a
   * part of an earlier release.
   */
  static async play(
    detector: Detector,
    script: (scene: Scene) => Promise<void>,
    { tellsEvidence = true }: { tellsEvidence?: boolean } = {},
  ): Promise<void> {
    const scene = new Scene(detector);
    try {
      await script(scene);
      await scene.#checkAlways();
      if (tellsEvidence) await scene.#checkEvidence();
    } catch (error) {
      if (error instanceof Error) error.message += await scene.#describe();
      throw error;
    } finally {
      await scene.#end();
    }
  }

  get api(): DetectorApi {
    return this.detector.api;
  }

  /**
   * Starts a node and makes the detector watch it, with an interval of 5 s and a timeout of 2 s unless `body` says otherwise. `hasWitness`:
   * its host has a second port that outlives the node. Without it, a crash that is only seen from outside is not confirmed.
   */
  async node(
    target: string,
    {
      site = this.site,
      body = {},
      hasWitness = false,
      ...settings
    }: Partial<NodeSettings> & { site?: string; body?: Partial<TargetBody>; hasWitness?: boolean } = {},
  ): Promise<{ key: Key; node: NodeProcess }> {
    const node = await this.#world.node(settings);
    const key = { site, target };
    const second = hasWitness ? { witness: (await this.#world.witness()).url } : {};
    await this.#world.watch(key, { url: node.url, ...second, ...body });
    this.#pollers.push(new Poller(this.api, [key]));
    return { key, node };
  }

  /** Waits until all targets of the scene are alive. */
  async healthy(withinMs = HEALTHY_WITHIN_MS): Promise<void> {
    await Promise.all(this.#world.keys.map((key) => this.reach(key, { verdict: "alive" }, withinMs)));
  }

  /** Waits for a verdict; `withinMs` counts from now. Returns it, and how long it took. */
  async reach(key: Key, expected: Expected, withinMs: number): Promise<VerdictAnswer & { tookMs: number }> {
    const wanted = JSON.stringify(expected);
    return this.#world.reach(key, (verdict) => matches(verdict, expected), { withinMs, wanted });
  }

  /** Watches the verdict for `forMs` and fails at the first one for which `holds` is false. */
  async keeps(key: Key, holds: (verdict: VerdictAnswer) => boolean, forMs: number): Promise<void> {
    const end = performance.now() + forMs;
    await until(
      async () => {
        const verdict = await this.api.verdict(key);
        expect(holds(verdict), `${key.target} became ${verdict.verdict}: ${verdict.because}`).toBe(true);
        return performance.now() > end;
      },
      { withinMs: forMs + 5_000, everyMs: 100, explain: () => "the watch did not end" },
    );
  }

  async checks(key: Key): Promise<Checks> {
    const [up, avoid, failover] = await Promise.all([
      this.api.check(key, "up"),
      this.api.check(key, "avoid"),
      this.api.check(key, "failover"),
    ]);
    return { up, avoid, failover };
  }

  up(key: Key, query: string): Promise<Answer> {
    return this.api.ask(`${pathOf(key)}/up${query}`);
  }

  /** From now on `/failover` of this target may say 200. */
  letFailover(key: Key): void {
    this.#let.add(nameOf(key));
  }

  /** Every different answer the poller saw for a target, in order. */
  seen(key: Key): VerdictAnswer[] {
    const seen = this.#pollers
      .flatMap((poller) => poller.seen)
      .find((one) => nameOf(one.key) === nameOf(key));
    return [...(seen?.sequences.values() ?? [])];
  }

  failovers(key: Key): number[] {
    return (
      this.#pollers.flatMap((poller) => poller.seen).find((one) => nameOf(one.key) === nameOf(key))
        ?.failovers ?? []
    );
  }

  async #checkAlways(): Promise<void> {
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
    for (const seen of this.#pollers.flatMap((poller) => poller.seen)) {
      const history = await this.api.history(seen.key);
      const known = history.map((transition) => transition.sequence);
      expect(known, "history counts down by one").toEqual(known.map((_, index) => (known[0] ?? 0) - index));
      // Sequence 0 is the time before the first transition.
      const lacking = [...seen.sequences.keys()].filter((one) => one !== 0 && !known.includes(one));
      expect(lacking, "sequences read that history lacks").toEqual([]);
      expect(seen.wrong, "answers no check path may give").toEqual([]);
      expect(seen.answers, "answers the poller got").toBeGreaterThan(3);
      if (!this.#let.has(nameOf(seen.key)))
        expect(
          seen.failovers.map((at) => new Date(at).toISOString()),
          "/failover said 200 at",
        ).toEqual([]);
    }
  }

  async #checkEvidence(): Promise<void> {
    const [key] = this.#world.keys;
    if (key !== undefined)
      expect((await rejudged(this.api, key)).differences, "judged again from the evidence").toEqual([]);
  }

  async #describe(): Promise<string> {
    const parts = this.#world.keys.map(async (key) => {
      const [verdict, history] = await Promise.all([this.api.verdict(key), this.api.history(key)]);
      return `\n${key.site}/${key.target} ${JSON.stringify(verdict)}\n${history
        .map((transition) => `  ${JSON.stringify({ ...transition, evidence: undefined })}`)
        .join("\n")}`;
    });
    const told = await Promise.all(parts).catch((error: unknown) => [
      `\n(no verdict to show: ${String(error)})`,
    ]);
    const strain = inWords(await this.#machine.strain());
    return `${told.join("")}\n${strain}\n${this.detector.log}`;
  }

  async #end(): Promise<void> {
    this.#machine.stop();
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
    await Promise.all(
      this.#world.keys.map((key) => this.api.ask(pathOf(key), { method: "DELETE" }).catch(() => undefined)),
    );
    await this.#world.stop();
  }
}
