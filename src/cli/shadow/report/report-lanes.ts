/** A journal as spells: the state of each target by each side over time. Pure. Instants are epoch milliseconds of the shadow's clock. */
import type { Line, LineOf, Said } from "../../../domain/shadow-journal-lines.ts";
import { inOrder, namedIn, namesIn, type Pairing, pairingsIn } from "./pairings.ts";

export interface LaneSpan {
  from: number;
  to: number;
}

/** True: up; false: down; null: not known. */
export interface Spell extends LaneSpan {
  state: boolean | null;
}

/** A time in which one side did not answer. */
export interface LaneSilence extends LaneSpan {
  why: string;
}

/** One of the two sides. */
export interface Side {
  /** By `site/target`. Each lane is without holes, from the beginning to the end. */
  lanes: ReadonlyMap<string, readonly Spell[]>;
  silences: readonly LaneSilence[];
}

/** A statement of the detector about a target, and when the shadow received it. */
export interface LaneWord extends Said {
  at: number;
}

export interface LaneRecording {
  checker: string;
  /** The longest of all runs. */
  everyMs: number;
  /** How often each run looked at the checker. */
  paces: readonly (LaneSpan & { everyMs: number })[];
  /** From the first line of all runs to the last. */
  span: LaneSpan;
  runs: number;
  /** Times at which the shadow did not run. */
  gaps: readonly LaneSpan[];
  /** By `site/target`, of all that were compared at any time: the checker's last name for it. */
  names: ReadonlyMap<string, string>;
  unmatched: readonly string[];
  alone: readonly string[];
  other: Side;
  parallax: Side;
  /** By `site/target`, in order of time. */
  words: ReadonlyMap<string, readonly LaneWord[]>;
  looks: readonly LineOf<"look">[];
  /** When failover was advised. */
  failovers: ReadonlyMap<string, readonly Spell[]>;
  /** Lines that a killed run left unfinished. */
  torn: number;
}

/** Puts spells one after the other: a state holds until the next one is set. */
class Lane {
  readonly #spells: Spell[] = [];
  #from: number;
  #state: boolean | null = null;

  constructor(from: number) {
    this.#from = from;
  }

  set(at: number, state: boolean | null): void {
    if (state === this.#state) return;
    this.#close(at);
    this.#from = at;
    this.#state = state;
  }

  #close(at: number): void {
    if (at <= this.#from) return;
    const last = this.#spells.at(-1);
    if (last !== undefined && last.state === this.#state) last.to = at;
    else this.#spells.push({ from: this.#from, to: at, state: this.#state });
  }

  ended(at: number): Spell[] {
    this.#close(at);
    this.#from = at;
    return this.#spells;
  }
}

interface Run extends LaneSpan {
  run: number;
}

/** The runs, each of which watched from its first line to its last. */
const runsIn = (lines: readonly Line[]): Run[] => {
  const runs = new Map<number, Run>();
  for (const line of lines) {
    if (line.kind === "shadow") continue;
    const { run, at } = line;
    const { from, to } = runs.get(run) ?? { from: at, to: at };
    runs.set(run, { run, from: Math.min(from, at), to: Math.max(to, at) });
  }
  return [...runs.values()].toSorted((a, b) => a.from - b.from || a.to - b.to);
};

const gapsBetween = (runs: readonly LaneSpan[]): LaneSpan[] => {
  const gaps: LaneSpan[] = [];
  let from = runs[0]?.from ?? 0;
  for (const run of runs) {
    if (run.from > from) gaps.push({ from, to: run.from });
    from = Math.max(from, run.to);
  }
  return gaps;
};

/** The events of a side in order of time: its lines, and undefined from where no run watched. */
type Heard<L> = { at: number; line: L | undefined };

/** Inserts the gaps. A gap begins after all lines that its run wrote at that instant. */
const withGaps = <L extends { at: number }>(lines: readonly L[], gaps: readonly LaneSpan[]): Heard<L>[] => {
  const heard: Heard<L>[] = [];
  let next = 0;
  for (const { from, to } of gaps) {
    while (next < lines.length && (lines[next]?.at ?? to) < to) heard.push(...one(lines[next++]));
    heard.push({ at: from, line: undefined });
  }
  return [...heard, ...lines.slice(next).flatMap(one)];
};
const one = <L extends { at: number }>(line: L | undefined): Heard<L>[] =>
  line === undefined ? [] : [{ at: line.at, line }];

/** Silences from the lines that begin and end them. */
class Silences {
  readonly found: LaneSilence[] = [];
  #open: LaneSilence | undefined;

  begin(at: number, why: string | null): void {
    if (why === null || this.#open !== undefined) return;
    this.#open = { from: at, to: at, why };
  }

  /** Undefined: from here nobody watched. */
  hear(at: number, line: DetectorLine | Pairing | undefined): void {
    if (line?.kind === "lost") this.begin(at, line.why);
    else if (line === undefined || line.kind === "verdicts") this.end(at);
  }

  end(at: number): void {
    if (this.#open !== undefined) this.found.push({ ...this.#open, to: at });
    this.#open = undefined;
  }
}

type CheckerLine = LineOf<"checker"> | LineOf<"silent">;

const checkerSide = (
  lines: readonly (CheckerLine | Pairing)[],
  gaps: readonly LaneSpan[],
  span: LaneSpan,
  targets: readonly string[],
): Side => {
  const lanes = new Map(targets.map((target) => [target, new Lane(span.from)]));
  const silences = new Silences();
  const states = new Map<string, boolean | null>();
  let names: ReadonlyMap<string, string> = new Map();
  const show = (at: number): void => {
    for (const [target, lane] of lanes) {
      const name = names.get(target);
      lane.set(at, name === undefined ? null : (states.get(name) ?? null));
    }
  };
  for (const { at, line } of withGaps(lines, gaps)) {
    if (line?.kind === "pairs") names = namesIn(line);
    else if (line?.kind === "checker") {
      silences.end(at);
      for (const [name, up] of Object.entries(line.states)) states.set(name, up);
    } else {
      if (line === undefined) silences.end(at);
      else silences.begin(at, line.why);
      states.clear();
    }
    show(at);
  }
  silences.end(span.to);
  return {
    lanes: new Map([...lanes].map(([target, lane]) => [target, lane.ended(span.to)])),
    silences: silences.found,
  };
};

type DetectorLine = LineOf<"verdicts"> | LineOf<"event"> | LineOf<"lost">;

const saidIn = (line: DetectorLine | Pairing): readonly Said[] => {
  if (line.kind === "verdicts") return line.verdicts;
  if (line.kind !== "event") return [];
  const { kind: _kind, run: _run, at: _at, id: _id, from: _from, ...said } = line;
  return [said];
};

type Heeded = Pick<LaneRecording, "parallax" | "words" | "failovers">;

const detectorSide = (
  lines: readonly (DetectorLine | Pairing)[],
  gaps: readonly LaneSpan[],
  span: LaneSpan,
  targets: readonly string[],
): Heeded => {
  const lanes = new Map(targets.map((target) => [target, new Lane(span.from)]));
  const advice = new Map(targets.map((target) => [target, new Lane(span.from)]));
  const words = new Map(targets.map((target): [string, LaneWord[]] => [target, []]));
  const silences = new Silences();
  let isKnown = false;
  /** The targets whose events are written down. */
  let heeded: ReadonlySet<string> = new Set();
  const hear = (said: Said, at: number): void => {
    const told = words.get(said.target);
    if (told !== undefined && said.sequence > (told.at(-1)?.sequence ?? -1)) told.push({ ...said, at });
  };
  const show = (at: number): void => {
    for (const target of targets) {
      const last = isKnown && heeded.has(target) ? words.get(target)?.at(-1) : undefined;
      lanes.get(target)?.set(at, last === undefined ? null : last.routing === "serve");
      advice.get(target)?.set(at, last === undefined ? null : last.failover);
    }
  };
  const sequenceOf = (target: string): number | undefined => words.get(target)?.at(-1)?.sequence;
  /** A stream that is being reopened: since when, and the last sequence of each target. */
  let renewal: { at: number; sequences: ReadonlyMap<string, number | undefined> } | undefined;
  /** Sequences rise by one with each transition: where a sequence is unchanged, its verdict held all the time. */
  const endRenewal = (isWhole: boolean): void => {
    for (const target of renewal === undefined ? [] : targets) {
      if (isWhole && renewal?.sequences.get(target) === sequenceOf(target)) continue;
      lanes.get(target)?.set(renewal?.at ?? 0, null);
      advice.get(target)?.set(renewal?.at ?? 0, null);
    }
    renewal = undefined;
  };
  const interrupt = (at: number, isRenewal: boolean): void => {
    if (isRenewal && isKnown)
      renewal = { at, sequences: new Map(targets.map((target) => [target, sequenceOf(target)])) };
    else if (!isRenewal) endRenewal(false);
    isKnown = false;
  };
  for (const { at, line } of withGaps(lines, gaps)) {
    if (line === undefined || line.kind === "lost") interrupt(at, line?.why === null);
    // Events after an interruption, before all verdicts are known again, may be older than they seem.
    else if (line.kind === "verdicts") isKnown = true;
    else if (line.kind === "pairs") heeded = new Set(Object.values(line.pairs));
    silences.hear(at, line);
    for (const said of line === undefined ? [] : saidIn(line)) hear(said, at);
    if (line?.kind === "verdicts") endRenewal(true);
    if (renewal === undefined) show(at);
  }
  endRenewal(false);
  silences.end(span.to);
  const ended = (of: ReadonlyMap<string, Lane>) =>
    new Map([...of].map(([target, lane]) => [target, lane.ended(span.to)]));
  return { parallax: { lanes: ended(lanes), silences: silences.found }, words, failovers: ended(advice) };
};

const only = <K extends Line["kind"]>(lines: readonly Line[], ...kinds: K[]): LineOf<K>[] =>
  lines.filter((line): line is LineOf<K> => kinds.includes(line.kind as K));

/** The recording in the lines of all files of a journal, in any order of the files. Undefined where no run watched anything. */
export const recordingOf = (all: readonly Line[]): LaneRecording | undefined => {
  const lines = inOrder(all);
  const runs = runsIn(lines);
  const head = only(lines, "shadow")[0];
  const [first] = runs;
  if (head === undefined || first === undefined) return undefined;
  const span = { from: first.from, to: Math.max(...runs.map(({ to }) => to)) };
  const gaps = gapsBetween(runs);
  const told = new Map(only(lines, "on").map(({ run, everyMs }) => [run, everyMs]));
  const paces = runs.map(({ run, from, to }) => ({ from, to, everyMs: told.get(run) ?? head.everyMs }));
  const pairs = only(lines, "pairs");
  const named = namedIn(pairs);
  const targets = [...named.names.keys()];
  const pairings = pairingsIn(pairs, runs);
  const checker = inOrder([...pairings, ...only(lines, "checker", "silent")]);
  const detector = inOrder([...pairings, ...only(lines, "verdicts", "event", "lost")]);
  return {
    checker: head.checker,
    everyMs: Math.max(...paces.map(({ everyMs }) => everyMs)),
    paces,
    span,
    runs: runs.length,
    gaps,
    ...named,
    other: checkerSide(checker, gaps, span, targets),
    ...detectorSide(detector, gaps, span, targets),
    looks: only(lines, "look"),
    torn: only(lines, "on").filter(({ dropped }) => dropped !== undefined).length,
  };
};
