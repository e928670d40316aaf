import type { Law } from "./history.ts";
import { batches } from "./laws/batches.ts";
import { boundedState } from "./laws/bounded-state.ts";
import { boundedTransitions } from "./laws/bounded-transitions.ts";
import { deadChannelsAreNone } from "./laws/dead-channels.ts";
import { healthySite } from "./laws/healthy-site.ts";
import { noContradiction } from "./laws/no-contradiction.ts";
import { noLiarHolds } from "./laws/no-liar-holds.ts";
import { noFailoverOfTheServed } from "./laws/no-failover-of-the-served.ts";
import { nobodyServedIsAvoided } from "./laws/nobody-served-is-avoided.ts";
import { oneInstant } from "./laws/one-instant.ts";
import { settles } from "./laws/settles.ts";
import { theServedAreNotAvoided } from "./laws/the-served-are-not-avoided.ts";
import { twoKinds } from "./laws/two-kinds.ts";

/** What holds in every world, the gravest first. */
export const LAWS: readonly Law[] = [
  noFailoverOfTheServed,
  nobodyServedIsAvoided,
  theServedAreNotAvoided,
  twoKinds,
  noLiarHolds,
  deadChannelsAreNone,
  batches,
  oneInstant,
  healthySite,
  settles,
  boundedTransitions,
  boundedState,
  noContradiction,
];

/** Throws where there is none of this name. */
export const lawNamed = (name: string): Law => {
  const found = LAWS.find((law) => law.name === name);
  if (found === undefined) throw new Error(`no law "${name}": ${LAWS.map((law) => law.name).join(", ")}`);
  return found;
};
