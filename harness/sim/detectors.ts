import type { Tuning } from "../../src/verdict/tuning.ts";
import type { Detector } from "./detector.ts";
import { createParallax, type ParallaxOptions } from "./parallax/detector.ts";
import { ORACLE } from "./rivals/oracle.ts";
import { rivals, sweeps } from "./rivals/rivals.ts";

/** Probes of one target an hour that the comparators may spend: nine places every 10 s, and 11 % for bursts. */
const BUDGET = 3_600;

/** What the names of our own detectors begin with. */
const OURS = "parallax";

/** Whether a detector is Parallax in some form. */
export const isOurs = (name: string): boolean => name.startsWith(OURS);

type Own = ParallaxOptions & { name: string };

const PLAIN: Own = { name: OURS };
const BOLDEST: Own = { name: `${OURS}-outside-proof`, policy: { outsideProof: true } };
/** From how many vantages on they may decide. */
const QUORA: readonly Own[] = [2, 3, 5, 7].map((quorum) => ({
  name: `${OURS} quorum ${quorum}`,
  judge: { quorum, quorumOfMany: quorum },
}));

const RIVALS: readonly Detector[] = rivals(BUDGET);

/** Everything that is compared, Parallax first. */
export const DETECTORS: readonly Detector[] = [createParallax(PLAIN), ...RIVALS];

/** Parallax where targets take a death seen from outside for proof: it is the one that can be wrong about it. */
export const BOLD = createParallax(BOLDEST);

/** Each family over its own threshold, from hasty to slow; the oracle has none. */
export const SWEEPS: Readonly<Record<string, readonly Detector[]>> = {
  [OURS]: QUORA.map(createParallax),
  ...sweeps(BUDGET),
  oracle: RIVALS.filter(({ name }) => name === ORACLE),
};

const OWN: readonly Own[] = [PLAIN, BOLDEST, ...QUORA];
const OTHERS: readonly Detector[] = [...RIVALS, ...Object.values(SWEEPS).flat()].filter(
  ({ name }) => !isOurs(name),
);

/** A detector by its name, ours with what the judge supposes; throws where there is none. */
export const detectorNamed = (name: string, judge: Partial<Tuning> = {}): Detector => {
  const own = OWN.find((one) => one.name === name);
  if (own !== undefined) return createParallax({ ...own, judge: { ...own.judge, ...judge } });
  const other = OTHERS.find((one) => one.name === name);
  if (other !== undefined) return other;
  const names = new Set([...OWN, ...OTHERS].map((one) => one.name));
  throw new Error(`no detector "${name}": ${[...names].join(", ")}`);
};
