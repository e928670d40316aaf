/** A kind of world in which the judge was once wrong: its scenario, and the rules that say of one run whether it is right. */
import type { Word } from "../adversary/history.ts";
import type { Reality } from "../reality.ts";
import type { Scenario } from "../scenario.ts";

/** A run as its rules see it. */
export interface Lived {
  reality: Reality;
  /** Everything published, by target and in order. */
  words: ReadonlyMap<string, readonly Word[]>;
}

/** One way in which a run was wrong. */
export interface Wrong {
  key: string;
  at: number;
  says: string;
}

export type Rule = (lived: Lived) => Wrong[];

export interface Kind {
  /** Which of the twelve it belongs to. */
  number: number;
  scenario: Scenario;
  rules: readonly Rule[];
}
