import { KINDS } from "./kinds/kinds.ts";
import type { Scenario } from "./scenario.ts";
import { NETWORK_SCENARIOS } from "./scenarios/network.ts";
import { OBSERVER_SCENARIOS } from "./scenarios/observer.ts";
import { TARGET_SCENARIOS } from "./scenarios/target.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...TARGET_SCENARIOS,
  ...NETWORK_SCENARIOS,
  ...OBSERVER_SCENARIOS,
];

/** By their names too, but not part of "all": what is asked of them is more than a rival can answer. */
export const KIND_SCENARIOS: readonly Scenario[] = KINDS.map(({ scenario }) => scenario);

/** Throws where there is none of this name. */
export const scenarioNamed = (name: string): Scenario => {
  const found = [...SCENARIOS, ...KIND_SCENARIOS].find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario "${name}"; --list names them`);
  return found;
};
