/** What a deployment decides of the vantages' work, and what of it they were told last. */
import type { Config } from "../config.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { Catalogue } from "./store/catalogue.ts";

/** What follows from the variables and stands in every assignment. */
export type Deployed = Pick<Config, "vantages" | "controls" | "allowPrivate">;

/** What the judge and the vantages were told last, kept under this name: told again where it differs. */
export interface Introduced {
  controls: string[];
  allowPrivate: boolean;
  /** Told since assignments say of each target whether it must be a public place. */
  saysPublicOnly: true;
  roster: Vantage[];
}
export const INTRODUCED = "introduced";

/**
 * Variables that make no sense leave the last ones in force that did: a region mistyped in one deployment must not
 * make the judge forget what all others have seen.
 */
export const deployedBy = (config: Config, catalogue: Catalogue): Deployed => {
  const told = config.problems.length === 0 ? null : catalogue.fact(INTRODUCED);
  if (told === null) return config;
  const { controls, roster } = JSON.parse(told) as Introduced;
  // What may not be looked at is not put off by another variable that is wrong.
  const { allowPrivate } = config;
  return { controls, allowPrivate, vantages: roster.filter(({ kind }) => kind === "regional") };
};
