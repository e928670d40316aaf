/** Which faults hold where and when: the one place that reads the script. */
import {
  type CollectorFault,
  type Fault,
  faultsBy,
  holdingAt,
  type PathFault,
  type PlaceFault,
  type SiteFault,
  type TargetFault,
  type WitnessFault,
} from "./fault.ts";

const ofKind = <K extends Fault["on"]>(faults: readonly Fault[], on: K): Extract<Fault, { on: K }>[] =>
  faults.filter((fault): fault is Extract<Fault, { on: K }> => fault.on === on);

export class Conditions {
  readonly #targets: Map<string, TargetFault[]>;
  readonly #sites: Map<string, SiteFault[]>;
  readonly #paths: Map<string, PathFault[]>;
  readonly #places: Map<string, PlaceFault[]>;
  readonly #witnesses: Map<string, WitnessFault[]>;
  readonly #collector: CollectorFault[];
  readonly #points = new Map<string, number[]>();

  constructor(faults: readonly Fault[]) {
    this.#targets = faultsBy(ofKind(faults, "target"), ({ key }) => key);
    this.#sites = faultsBy(ofKind(faults, "site"), ({ site }) => site);
    this.#paths = faultsBy(ofKind(faults, "path"), ({ place, site }) => `${place}>${site}`);
    this.#places = faultsBy(ofKind(faults, "place"), ({ place }) => place);
    this.#witnesses = faultsBy(ofKind(faults, "witness"), ({ key }) => key);
    this.#collector = ofKind(faults, "collector");
  }

  /** Where several befall one target, the first in the script outranks the others. */
  ofTarget(key: string, at: number): TargetFault | undefined {
    return holdingAt(this.#targets.get(key), at);
  }

  ofSite(site: string, at: number): SiteFault | undefined {
    return holdingAt(this.#sites.get(site), at);
  }

  ofPlace(place: string, at: number): PlaceFault | undefined {
    return holdingAt(this.#places.get(place), at);
  }

  ofWitness(key: string, at: number): WitnessFault | undefined {
    return holdingAt(this.#witnesses.get(key), at);
  }

  /** When the collector goes on, if it stands still at `at`. */
  heldUntil(at: number): number | undefined {
    return holdingAt(this.#collector, at)?.to;
  }

  /** Share of packets to one target that the faults of a path and of its place swallow one way. */
  lossOf(
    place: string,
    { key, site }: { key: string; site: string },
    way: "there" | "back",
    at: number,
  ): number {
    const fault = this.ofPlace(place, at);
    if (fault?.state === "broken") return 1;
    if (this.hasOwnPath(place, site, at)) return 0;
    let kept = fault?.state === "lossy" ? 1 - fault.share : 1;
    for (const path of this.#paths.get(`${place}>${site}`) ?? [])
      if (
        path.from <= at &&
        at < path.to &&
        (path.way === "both" || path.way === way) &&
        (path.key === undefined || path.key === key)
      )
        kept *= 1 - path.loss;
    return 1 - kept;
  }

  /** Whether the place needs none of the paths to the site that others take. */
  hasOwnPath(place: string, site: string, at: number): boolean {
    const fault = this.ofPlace(place, at);
    return fault?.state === "private" && fault.site === site;
  }

  /** Whether no packet of an outside place can come to the node and back. */
  isSevered(key: string, site: string, at: number): boolean {
    return this.ofTarget(key, at)?.state === "cut" || this.ofSite(site, at)?.state === "cut";
  }

  /** How many times longer packets take. */
  slownessOf(place: string, site: string, at: number): number {
    const onSite = this.ofSite(site, at);
    const onPlace = this.ofPlace(place, at);
    return (onSite?.state === "slow" ? onSite.factor : 1) * (onPlace?.state === "slow" ? onPlace.factor : 1);
  }

  /** Every instant at which anything about the target, its site or its paths may change; sorted. */
  turningPoints(key: string, site: string): number[] {
    const known = this.#points.get(key);
    if (known !== undefined) return known;
    const paths = [...this.#paths.values()].flat().filter((fault) => fault.site === site);
    const faults: Fault[] = [
      ...(this.#targets.get(key) ?? []),
      ...(this.#sites.get(site) ?? []),
      ...paths,
      ...[...this.#places.values()].flat(),
    ];
    const points = [...new Set(faults.flatMap(({ from, to }) => [from, to]))].toSorted((a, b) => a - b);
    this.#points.set(key, points);
    return points;
  }
}
