import type { Detector } from "./detector.ts";
import { createParallax } from "./parallax/detector.ts";
import { rivals } from "./rivals/rivals.ts";

/** Probes of one target an hour that the comparators may spend: nine places every 10 s, and 11 % for bursts. */
const BUDGET = 3_600;

/** Everything that is compared, Parallax first. */
export const DETECTORS: readonly Detector[] = [createParallax(), ...rivals(BUDGET)];

/** Parallax where targets take a death seen from outside for proof: it is the one that can be wrong about it. */
export const BOLD = createParallax({ name: "parallax-outside-proof", policy: { outsideProof: true } });

const ALL: readonly Detector[] = [...DETECTORS, BOLD];

/** Throws where there is none of this name. */
export const detectorNamed = (name: string): Detector => {
  const found = ALL.find((detector) => detector.name === name);
  if (found === undefined)
    throw new Error(`no detector "${name}": ${ALL.map((detector) => detector.name).join(", ")}`);
  return found;
};
