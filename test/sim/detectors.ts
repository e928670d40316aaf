import type { Detector } from "./detector.ts";
import { createParallax } from "./parallax/detector.ts";
import { rivals, sweeps } from "./rivals/rivals.ts";

/** Probes of one target an hour that the comparators may spend: nine places every 10 s, and 11 % for bursts. */
const BUDGET = 3_600;

/** What the names of our own detectors begin with. */
const OURS = "parallax";

/** Everything that is compared, Parallax first. */
export const DETECTORS: readonly Detector[] = [createParallax(), ...rivals(BUDGET)];

/** Parallax where targets take a death seen from outside for proof: it is the one that can be wrong about it. */
export const BOLD = createParallax({ name: `${OURS}-outside-proof`, policy: { outsideProof: true } });

/** From how many vantages on they may decide. */
const QUORA = [2, 3, 4, 5, 6, 7];

/** Each family over its own threshold, from hasty to slow; the oracle has none. */
export const SWEEPS: Readonly<Record<string, readonly Detector[]>> = {
  [OURS]: QUORA.map((quorum) =>
    createParallax({ name: `${OURS} quorum ${quorum}`, judge: { quorum, quorumOfMany: quorum } }),
  ),
  ...sweeps(BUDGET),
  oracle: DETECTORS.filter(({ name }) => name === "oracle"),
};

const ALL: readonly Detector[] = [...DETECTORS, BOLD, ...Object.values(SWEEPS).flat()];

/** Whether a detector is Parallax in some form. */
export const isOurs = (name: string): boolean => name.startsWith(OURS);

/** Throws where there is none of this name. */
export const detectorNamed = (name: string): Detector => {
  const found = ALL.find((detector) => detector.name === name);
  if (found === undefined)
    throw new Error(`no detector "${name}": ${[...new Set(ALL.map((one) => one.name))].join(", ")}`);
  return found;
};
