import type { Scenario } from "./scenario.ts";
import { NETWORK_SCENARIOS } from "./scenarios/network.ts";
import { OBSERVER_SCENARIOS } from "./scenarios/observer.ts";
import { TARGET_SCENARIOS } from "./scenarios/target.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...TARGET_SCENARIOS,
  ...NETWORK_SCENARIOS,
  ...OBSERVER_SCENARIOS,
];

/** Throws where there is none of this name. */
export const scenarioNamed = (name: string): Scenario => {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario "${name}"; --list names them`);
  return found;
};
