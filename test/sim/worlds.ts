/** Worlds that are not as the judge's numbers suppose: what it claims should not hang on them. */
import type { WorldOptions } from "./create-reality.ts";
import { DEFAULT_NETWORK } from "./layout.ts";
import type { LossModel } from "./loss.ts";

const LOSS: LossModel = DEFAULT_NETWORK.loss;

/** A world with the options of the command line that make it again. */
export interface World {
  flags: string;
  options: WorldOptions;
}

export const WORLDS: Readonly<Record<string, WorldOptions>> = {
  usual: {},
  /** Three times as many bursts, and three times the loss between them. */
  "loss-x3": {
    network: { loss: { ...LOSS, goodLoss: 3 * LOSS.goodLoss, goodMs: LOSS.goodMs / 3 } },
  },
  /** Delays without a mean worth the name: one packet in fourteen takes more than twice its path's time. */
  pareto: {
    network: { delay: { ...DEFAULT_NETWORK.delay, tail: { kind: "pareto", alpha: 1.1 } } },
  },
};

/** Throws where there is none of this name. */
export const worldNamed = (name: string): World => {
  const found = WORLDS[name];
  if (found === undefined) throw new Error(`no world "${name}": ${Object.keys(WORLDS).join(", ")}`);
  return { flags: name === "usual" ? "" : ` --world ${name}`, options: found };
};
