import type { Verdict } from "../../src/domain/verdict.ts";
import type { Draw } from "./draw.ts";
import type { Fault } from "./fault.ts";
import type { Layout, Network } from "./layout.ts";
import type { Place } from "./reality.ts";

/** Something that detectors should call, and until when it lasts; epoch milliseconds. */
export interface Case {
  key: string;
  from: number;
  to: number;
  /** What may be said of it once evidence is in; the first is the class it counts as. */
  expected: readonly Verdict[];
}

/** What a scenario has to work with. */
export interface Stage {
  draw: Draw;
  layout: Layout;
  /** When the first fault begins and when the last one ends. */
  from: number;
  to: number;
  /** Outside places. */
  places: readonly Place[];
  sites: readonly string[];
  /** Keys by site. */
  keysOf(site: string): string[];
}

export interface Script {
  faults: Fault[];
  cases: Case[];
}

/** One kind of trouble, with its ground truth. What no case names may not be called down. */
export interface Scenario {
  name: string;
  about: string;
  layout?: Partial<Layout>;
  network?: Partial<Network>;
  /** From the first fault to the end of the last; default 60 s. */
  lastsMs?: number;
  /** What may be said, half a minute after the first fault, of targets no case names; default `alive`. */
  others?: readonly Verdict[];
  script(stage: Stage): Script;
}
