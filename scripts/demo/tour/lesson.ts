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

/** What a reader can use while a step stands. */
export interface Scene {
  commands: Commands;
  /** When each step's verdict stood, as the API writes instants, for a look into the past. */
  stoodAt: ReadonlyMap<StepName, string>;
  now: Date;
}

/** The tour's text about a step. */
export interface Lesson {
  /** What is about to happen, and to which target. */
  will: (world: World) => string;
  /** What the reader should watch meanwhile, beside the page and the table. */
  look: (commands: Commands) => string[];
  /** Why the detector gives this verdict. */
  why: string;
  tries: (scene: Scene) => Trial[];
}
