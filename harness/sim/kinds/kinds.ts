/** The twelve kinds of worlds in which the judge of the first edition was wrong, as scenarios that can be played again. */
import { CHANNEL_KINDS, OPENED_KINDS } from "./channels.ts";
import type { Kind } from "./kind.ts";
import { NETWORK_KINDS } from "./networks.ts";
import { SETTLING_KINDS } from "./settling.ts";

export const KINDS: readonly Kind[] = [
  ...CHANNEL_KINDS,
  ...NETWORK_KINDS,
  ...OPENED_KINDS,
  ...SETTLING_KINDS,
];

/** Throws where there is none of this name. */
export const kindNamed = (name: string): Kind => {
  const found = KINDS.find(({ scenario }) => scenario.name === name);
  if (found === undefined)
    throw new Error(`no kind "${name}": ${KINDS.map(({ scenario }) => scenario.name).join(", ")}`);
  return found;
};
