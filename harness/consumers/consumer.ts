import type { Fault } from "./faults.ts";
import type { State } from "./state.ts";
import type { World } from "./world.ts";

/** What a program was seen to do with one pair. */
export interface Observation {
  /** One or two words, compared with the expected ones: `primary`, `standby`, `both`, `exit 2`, `no promotion`. */
  did: string;
  /** How it was seen, for people: `12 of 12 answers`. */
  detail?: string;
}

/** One line of the results. */
export interface Row {
  scenario: string;
  verdict: string;
  fault: string;
  expected: string;
  did: string;
  ok: boolean;
  /** From the moment the API changed to the last change in what the program did; 0 if it never changed. */
  seconds: number;
  /** How often the program was seen to switch or fail over without a verdict that allows it. */
  violations: number;
  detail: string;
}

/** A running consumer, beside one world. */
export interface Running {
  /** What the program calls itself: `HAProxy 2.6.12`. */
  version: string;
  /** What the program does now with the pair of this state. Called once a second. */
  observe(state: State): Promise<Observation>;
  /** Further rows about it, asked for once after the faults, while the API is fine. */
  also?(): Promise<Row[]>;
  stop(): Promise<void>;
}

/** A real program in one configuration, which polls us. */
export interface Consumer {
  name: string;
  /** One line for the page: program and configuration. */
  title: string;
  /** False: shown to say what not to do. Its switches are counted and shown, and fail no run. */
  recommended: boolean;
  /** What cannot be made safe with the program: shown in bold. */
  caution?: string;
  /** The example's files, from the root, which the test runs with nothing but placeholders filled in. */
  example?: string;
  /** Programs by the Debian package each comes in. */
  needs: { commands: Readonly<Record<string, string>>; root?: true };
  /** The states for which the program's behaviour is tested. */
  states: readonly State[];
  /** The interval at which the program asks; 0 if it asks only when observed. */
  pollMs: number;
  /** For how many of its intervals at least a fault is held, so that its rise and fall can both happen. */
  rounds: number;
  /** It plays its own story, the longest of all: it starts before the others, and before anything is timed. */
  isLong?: true;
  start(world: World): Promise<Running>;
  /** What the program does, by its documentation or by measurement: a run fails if it does otherwise. */
  expects(state: State, fault: Fault): string;
  /** Whether `did` is a switch away from the primary, or a promotion. */
  isSwitch(did: string): boolean;
}
