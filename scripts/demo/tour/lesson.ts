import type { StepName } from "../steps.ts";
import type { World } from "../world.ts";
import type { Commands } from "./commands.ts";

/** Something to try, with the command or the address for it. */
export interface Trial {
  what: string;
  command?: string;
  /** An address to open. */
  page?: string;
}

/** What a reader has at hand while a step stands. */
export interface Scene {
  commands: Commands;
  /** When each step's verdict stood, as the API writes instants, for a look back. */
  stoodAt: ReadonlyMap<StepName, string>;
  now: Date;
}

/** What the tour says of a step. */
export interface Lesson {
  /** What is about to be done, and to what. */
  will: (world: World) => string;
  /** What to look at meanwhile, beside the page and the table. */
  look: (commands: Commands) => string[];
  /** Why the detector says what it says. */
  why: string;
  tries: (scene: Scene) => Trial[];
}
