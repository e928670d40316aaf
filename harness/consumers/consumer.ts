import type { Fault } from "./faults.ts";
import type { State } from "./state.ts";
import type { World } from "./world.ts";

/** What a program was seen to do about one pair. */
export interface Observation {
  /** One or two words, compared with what is expected: `primary`, `standby`, `both`, `exit 2`, `no promotion`. */
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
  /** From the moment the API changed to the last change of what the program did; 0 where it never changed. */
  seconds: number;
  /** How often the program was seen to have switched or failed over without a verdict that says so. */
  violations: number;
  detail: string;
}

/** A consumer as it runs, beside one world. */
export interface Running {
  /** What the program calls itself: `HAProxy 2.6.12`. */
  version: string;
  /** What it does now about the pair of this state. Asked about once a second. */
  observe(state: State): Promise<Observation>;
  /** What else is to be shown of it, asked once after the faults, while the API is fine. */
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
  /** What cannot be made safe with it: shown in bold. */
  caution?: string;
  /** The example's files, from the root, which the test runs with nothing but placeholders filled in. */
  example?: string;
  /** Programs by the Debian package each comes in. */
  needs: { commands: Readonly<Record<string, string>>; root?: true };
  /** Those whose verdicts differ for it. */
  states: readonly State[];
  /** The interval at which it asks; 0 where it asks only when observed. */
  pollMs: number;
  /** How many of its intervals a fault is held at least, so that its rise and fall have had their chance. */
  rounds: number;
  /** It plays a story of its own, which is the longest of all: it starts before the others, and before anything is timed. */
  isLong?: true;
  start(world: World): Promise<Running>;
  /** What it does, by its documentation or by measurement: a run fails where it does otherwise. */
  expects(state: State, fault: Fault): string;
  /** Whether `did` is a switch away from the primary, or a promotion. */
  isSwitch(did: string): boolean;
}
