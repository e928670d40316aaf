/** Worlds that are not as the judge's numbers suppose: what it claims should not hang on them. */
import type { Tuning } from "../../src/verdict/tuning.ts";
import type { WorldOptions } from "./create-reality.ts";
import { DEFAULT_NETWORK } from "./layout.ts";
import type { LossModel } from "./loss.ts";

const LOSS: LossModel = DEFAULT_NETWORK.loss;

interface Premise {
  options: WorldOptions;
  /** What the judge wrongly supposes of it. */
  judge?: Partial<Tuning>;
}

/** A world with the options of the command line that make it again. */
export interface World extends Premise {
  flags: string;
}

/** The judge takes every fault for so many times likelier than it usually does. */
const suspicious = (priorFactor: number): Premise => ({
  options: {},
  judge: { priorFactor },
});

export const WORLDS: Readonly<Record<string, Premise>> = {
  usual: { options: {} },
  /** Three times as many bursts, and three times the loss between them. */
  "loss-x3": {
    options: { network: { loss: { ...LOSS, goodLoss: 3 * LOSS.goodLoss, goodMs: LOSS.goodMs / 3 } } },
  },
  /** Delays without a mean worth the name: one packet in fourteen takes more than twice its path's time. */
  pareto: {
    options: { network: { delay: { ...DEFAULT_NETWORK.delay, tail: { kind: "pareto", alpha: 1.1 } } } },
  },
  "priors-x10": suspicious(10),
  "priors-d10": suspicious(1 / 10),
};

/** Throws where there is none of this name. */
export const worldNamed = (name: string): World => {
  const found = WORLDS[name];
  if (found === undefined) throw new Error(`no world "${name}": ${Object.keys(WORLDS).join(", ")}`);
  return { ...found, flags: name === "usual" ? "" : ` --world ${name}` };
};
