/** What a deployment decides about the vantages' work, and what of that the judge and the vantages last received. */
import type { Config } from "../config.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { Catalogue } from "./store/catalogue.ts";

/** What follows from the variables and stands in every assignment. */
export type Deployed = Pick<Config, "vantages" | "controls" | "allowPrivate">;

/** What the judge and the vantages last received. It is stored under the name INTRODUCED and sent again where it differs. */
export interface Introduced {
  controls: string[];
  allowPrivate: boolean;
  /** Present since assignments say of each target whether it must be a public place. */
  saysPublicOnly: true;
  roster: Vantage[];
}
export const INTRODUCED = "introduced";

/**
 * Variables that make no sense leave the last valid ones in force: a mistyped region in one deployment must not make the judge forget what
 * all other vantages have seen.
 */
export const deployedBy = (config: Config, catalogue: Catalogue): Deployed => {
  const told = config.problems.length === 0 ? null : catalogue.fact(INTRODUCED);
  if (told === null) return config;
  const { controls, roster } = JSON.parse(told) as Introduced;
  // ALLOW_PRIVATE takes effect even if another variable is wrong, so that a ban on private places is not put off.
  const { allowPrivate } = config;
  return { controls, allowPrivate, vantages: roster.filter(({ kind }) => kind === "regional") };
};
