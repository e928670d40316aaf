import type { Verdict } from "../../src/domain/verdict.ts";
import { Conditions } from "./condition.ts";
import { packetMs } from "./delay.ts";
import { Draw, nameOf } from "./draw.ts";
import { exchange, type Wire } from "./exchange.ts";
import {
  controlsOf,
  DEFAULT_LAYOUT,
  DEFAULT_NETWORK,
  type Layout,
  type Network,
  placesOf,
  siteNames,
  targetsOf,
} from "./layout.ts";
import { type Path, pathBetween } from "./path.ts";
import { type Endpoint, reactionOf } from "./reaction.ts";
import type { Place, Reality, Seen } from "./reality.ts";
import type { Scenario, Script } from "./scenario.ts";
import { truthOf } from "./truth.ts";
import { wordsOf } from "./words.ts";

/** Changes to the world that a run asks for beyond its scenario's. */
export interface WorldOptions {
  layout?: Partial<Layout>;
  network?: Partial<Network>;
  /** How long faults last, where the scenario leaves that open; slow detectors need longer. */
  lastsMs?: number;
  /** How long nothing happens before them and after them. */
  calmMs?: number;
  afterMs?: number;
}

export const BEGINS_AT = 1_800_000_000_000;
/** Long enough for every vantage to have looked five times or more before anything happens. */
const CALM_MS = 60_000;
const CALM_ROUNDS = 6;
const LASTS_MS = 60_000;
/** Time to recover in. */
const AFTER_MS = 60_000;

/** Places whose probes cannot distinguish a connection that was reset at once from one that was refused. */
const BLURRING_PROVIDER = "cloudflare";

/** How long an answer takes that is made up, besides the node's own time. */
const LIE_MS = 40;

/** Kinds of streams, so that no two share a name. */
const STREAM = { script: 1, probe: 2, transport: 3, skew: 4, repeat: 5, lie: 6 };

/** The world of a scenario and a seed. Same arguments, same world. */
export const createReality = (scenario: Scenario, seed: number, options: WorldOptions = {}): Reality => {
  const layout: Layout = { ...DEFAULT_LAYOUT, ...scenario.layout, ...options.layout };
  const network: Network = { ...DEFAULT_NETWORK, ...scenario.network, ...options.network };
  return new World(scenario, seed, layout, network, { lastsMs: LASTS_MS, afterMs: AFTER_MS, ...options });
};

class World implements Reality {
  readonly seed: number;
  readonly scenario: string;
  readonly beginsAt = BEGINS_AT;
  readonly faultAt: number;
  readonly endsAt: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly places: readonly Place[];
  readonly targets: Reality["targets"];
  readonly controls: readonly string[];
  readonly cases: Reality["cases"];
  readonly others: readonly Verdict[];
  readonly heartbeatMs: number | null;
  readonly words: Reality["words"];
  readonly #layout: Layout;
  readonly #network: Network;
  readonly #conditions: Conditions;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #ranks = new Map<string, number>();
  readonly #paths = new Map<string, Path>();

  constructor(
    scenario: Scenario,
    seed: number,
    layout: Layout,
    network: Network,
    { calmMs: calm, lastsMs, afterMs }: WorldOptions & { lastsMs: number; afterMs: number },
  ) {
    this.seed = seed;
    this.scenario = scenario.name;
    this.#layout = layout;
    this.#network = network;
    this.intervalMs = layout.intervalMs;
    this.timeoutMs = layout.timeoutMs;
    this.heartbeatMs = layout.heartbeatMs;
    this.places = placesOf(layout);
    this.targets = targetsOf(layout);
    this.controls = controlsOf(layout);
    const draw = new Draw(nameOf(seed, STREAM.script));
    const calmMs = calm ?? Math.max(CALM_MS, CALM_ROUNDS * layout.intervalMs);
    this.faultAt = Math.round(BEGINS_AT + calmMs + draw.between(0, layout.intervalMs));
    const to = this.faultAt + (scenario.lastsMs ?? lastsMs);
    this.endsAt = to + afterMs;
    const { faults, cases } = this.#scripted(scenario, draw, to);
    this.cases = cases;
    this.others = scenario.others ?? ["alive"];
    this.#conditions = new Conditions(faults);
    this.#enrol();
    this.words = wordsOf({
      layout,
      conditions: this.#conditions,
      faults,
      targets: this.targets,
      seed,
      beginsAt: this.beginsAt,
      endsAt: this.endsAt,
    });
  }

  probe(place: string, key: string, atMs: number, timeoutMs: number): Seen {
    const endpoint = this.#endpoint(key);
    const at = Math.round(atMs);
    const draw = new Draw(nameOf(this.seed, STREAM.probe, this.#rank(place), endpoint.index, at));
    const serviceMs = draw.lognormal(this.#network.delay.serviceMs, this.#network.delay.serviceSigma);
    const roll = draw.uniform();
    const told = this.#invented(place, at, Math.min(timeoutMs, LIE_MS + serviceMs));
    if (told !== undefined) return told;
    const fault = endpoint.isWitness ? undefined : this.#conditions.ofTarget(endpoint.key, at);
    if (fault?.state === "nameless" && !this.#standsIn(place, endpoint.site))
      return {
        outcome: "dns_failure",
        stage: "connect",
        tookMs: Math.min(timeoutMs, draw.lognormal(30, 0.5)),
      };
    const seen = exchange(this.#wire(place, endpoint, at, { draw, serviceMs, roll }), at, timeoutMs);
    // If the platform does not distinguish the two, a connection that is reset at once counts as refused.
    const isBlurred = fault?.state === "full" && seen.outcome === "reset" && this.#isBlurring(place);
    return isBlurred ? { ...seen, outcome: "refused", stage: "connect" } : seen;
  }

  /** The false report of a place that lies; undefined if the place reports what it sees. */
  #invented(place: string, at: number, tookMs: number): Seen | undefined {
    const fault = this.#conditions.ofPlace(place, at);
    if (fault?.state !== "lying") return undefined;
    const draw = new Draw(nameOf(this.seed, STREAM.lie, this.#rank(place), at));
    return draw.isHit(fault.share)
      ? { outcome: "ok", stage: "done", tookMs, connectMs: tookMs / 2 }
      : undefined;
  }

  isRunning(place: string, atMs: number): boolean {
    return this.#conditions.ofPlace(place, atMs)?.state !== "down";
  }

  canReport(place: string, atMs: number): boolean {
    const state = this.#conditions.ofPlace(place, atMs)?.state;
    return state !== "down" && state !== "mute";
  }

  transportMs(place: string, atMs: number): number {
    const draw = new Draw(nameOf(this.seed, STREAM.transport, this.#rank(place), Math.round(atMs)));
    const { transport } = this.#layout;
    const travelMs = draw.lognormal(transport?.medianMs ?? 40, transport?.sigma ?? 0.5);
    const fault = this.#conditions.ofPlace(place, atMs);
    return travelMs + (fault?.state === "late" ? fault.byMs : 0);
  }

  repeatsAfterMs(place: string, atMs: number): number | undefined {
    const { transport } = this.#layout;
    if (transport === undefined) return undefined;
    const draw = new Draw(nameOf(this.seed, STREAM.repeat, this.#rank(place), Math.round(atMs)));
    return draw.isHit(transport.repeatShare) ? draw.exponential(transport.repeatMs) : undefined;
  }

  heldUntil(atMs: number): number | undefined {
    return this.#conditions.heldUntil(atMs);
  }

  skewMs(place: string): number {
    const most = this.#layout.skewMaxMs;
    return Math.round(new Draw(nameOf(this.seed, STREAM.skew, this.#rank(place))).between(-most, most));
  }

  truth(key: string, atMs: number): ReturnType<Reality["truth"]> {
    const { site } = this.#endpoint(key);
    return truthOf(this.#conditions, this.places, { key, site, beginsAt: this.beginsAt }, atMs);
  }

  #scripted(scenario: Scenario, draw: Draw, to: number): Script {
    return scenario.script({
      draw,
      layout: this.#layout,
      from: this.faultAt,
      to,
      places: this.places.filter((place) => place.site === undefined),
      sites: siteNames(this.#layout),
      keysOf: (site) => this.targets.filter((target) => target.site === site).map(({ key }) => key),
    });
  }

  #enrol(): void {
    this.places.forEach(({ id }, rank) => this.#ranks.set(id, rank));
    const enter = (name: string, key: string, site: string, isWitness: boolean): void => {
      this.#endpoints.set(name, { index: this.#endpoints.size, key, site, isWitness });
    };
    for (const { key, site, witness } of this.targets) {
      enter(key, key, site, false);
      if (witness !== undefined) enter(witness, key, site, true);
    }
    for (const control of this.controls) enter(control, "", control, false);
  }

  #endpoint(key: string): Endpoint {
    const endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) throw new Error(`nothing to probe at ${key}`);
    return endpoint;
  }

  #rank(place: string): number {
    const rank = this.#ranks.get(place);
    if (rank === undefined) throw new Error(`no place ${place}`);
    return rank;
  }

  #isBlurring(place: string): boolean {
    return this.places[this.#rank(place)]?.provider === BLURRING_PROVIDER;
  }

  #standsIn(place: string, site: string): boolean {
    return this.places[this.#rank(place)]?.site === site;
  }

  #path(place: string, site: string): Path {
    const name = `${place}>${site}`;
    const known = this.#paths.get(name);
    if (known !== undefined) return known;
    const from = this.places[this.#rank(place)] as Place;
    const made = pathBetween(this.seed, from, site, this.#network, BEGINS_AT);
    this.#paths.set(name, made);
    return made;
  }

  /** The exchange's surroundings; `roll` decides, once for the whole exchange, how a gray node answers it. */
  #wire(
    place: string,
    endpoint: Endpoint,
    at: number,
    { draw, serviceMs, roll }: { draw: Draw; serviceMs: number; roll: number },
  ): Wire {
    const { key, site } = endpoint;
    const conditions = this.#conditions;
    const isInside = this.#standsIn(place, site) || conditions.hasOwnPath(place, site, at);
    const path = this.#path(place, site);
    const distance = isInside ? undefined : this.#shield(key, site, at);
    const isUncontrolled = key === "" && conditions.ofPlace(place, at)?.state === "uncontrolled";
    const carry = (way: "there" | "back", sentAt: number): number => {
      if (isUncontrolled) return Infinity;
      if (!isInside && distance === undefined && conditions.isSevered(key, site, sentAt)) return Infinity;
      const kept =
        (1 - path.loss[way].lossAt(sentAt)) * (1 - conditions.lossOf(place, endpoint, way, sentAt));
      if (draw.uniform() >= kept) return Infinity;
      const slowness = conditions.slownessOf(place, site, sentAt) * (distance ?? 1);
      return sentAt + slowness * packetMs(draw, this.#network.delay, path.baseMs[way]);
    };
    return {
      there: (sentAt) => carry("there", sentAt),
      back: (sentAt) => carry("back", sentAt),
      react: (arrivedAt) =>
        distance === undefined
          ? reactionOf(this.#conditions, endpoint, arrivedAt, serviceMs, roll)
          : { does: "refuse", afterMs: 1 },
    };
  }

  /** How far along the way something refuses for the node; undefined where nothing does. */
  #shield(key: string, site: string, at: number): number | undefined {
    const onTarget = this.#conditions.ofTarget(key, at);
    if (onTarget?.state === "shielded") return onTarget.distance;
    const onSite = this.#conditions.ofSite(site, at);
    return onSite?.state === "shielded" ? onSite.distance : undefined;
  }
}
