/** What explains the evidence on a target, of which one is true. */
export const CAUSES = ["up", "crashed", "dead", "hung", "gray", "cut"] as const;
export type Cause = (typeof CAUSES)[number];

export const ROUTINGS = ["serve", "avoid"] as const;

interface VerdictRow {
  /** It does not serve: an `ok` begun since contradicts the verdict. */
  isDown: boolean;
  /**
   * Where traffic should go once the verdict is borne out. `mixed`: there, as long as a sound vantage gets an `ok`;
   * `settled`: where it went by the last verdict that held.
   */
  routing: (typeof ROUTINGS)[number] | "mixed" | "settled";
  /** Traffic may go on, and something is wrong or not known. */
  isUnsure: boolean;
  /** Failover is advised once it is confirmed, where a target's policy says nothing else. */
  failsOver: boolean;
  /** The causes under which it is right: their probabilities add up to its confidence. */
  causes: readonly Cause[];
  /** When it holds: a sentence of the docs. */
  holds: string;
  /** What `/up` then says, likewise. */
  up: string;
  /** Says it in one character beside a colour; of each row another. */
  sign: string;
}

/** What the judge may hold to be true of a target, a row each. Closed: another verdict is another row. */
export const VERDICTS = {
  alive: {
    isDown: false,
    routing: "serve",
    isUnsure: false,
    failsOver: false,
    causes: ["up"],
    holds: "it answers as expected",
    up: "200",
    sign: "✓",
  },
  gray: {
    isDown: false,
    routing: "mixed",
    isUnsure: true,
    failsOver: false,
    causes: ["gray", "up"],
    holds: "it answers, but wrongly, slowly or only sometimes",
    up: "200 while any sound vantage got an `ok`, else 503",
    sign: "~",
  },
  process_crashed: {
    isDown: true,
    routing: "avoid",
    isUnsure: false,
    failsOver: true,
    causes: ["crashed"],
    holds: "the host answers, the process does not: connections are refused",
    up: "503",
    sign: "C",
  },
  process_hung: {
    isDown: true,
    routing: "avoid",
    isUnsure: false,
    failsOver: false,
    causes: ["hung"],
    holds: "it accepts the connection and never answers, or its port is silent while its witness answers",
    up: "503",
    sign: "H",
  },
  node_dead: {
    isDown: true,
    routing: "avoid",
    isUnsure: false,
    failsOver: true,
    causes: ["dead"],
    holds: "silent to every sound vantage, while its site answers",
    up: "503",
    sign: "D",
  },
  partitioned: {
    isDown: false,
    routing: "serve",
    isUnsure: true,
    failsOver: false,
    causes: ["up"],
    holds: "some sound vantages reach it and others do not",
    up: "200; 503 with `?from=` a cut-off region",
    sign: "P",
  },
  isolated: {
    isDown: true,
    routing: "avoid",
    isUnsure: false,
    failsOver: false,
    causes: ["cut"],
    holds: "nobody outside reaches it, yet there is a sign of life",
    up: "503",
    sign: "I",
  },
  unreachable: {
    isDown: true,
    routing: "avoid",
    isUnsure: false,
    failsOver: false,
    // It names no cause: right whenever the target does not serve.
    causes: ["crashed", "dead", "hung", "cut"],
    holds: "silent to all, and nothing tells death from isolation",
    up: "503",
    sign: "U",
  },
  unknown: {
    isDown: false,
    routing: "settled",
    isUnsure: true,
    failsOver: false,
    causes: [],
    holds: "too little sound, fresh evidence",
    up: "the last settled answer; before any, 200",
    sign: "?",
  },
} as const satisfies Record<string, VerdictRow>;

export type Verdict = keyof typeof VERDICTS;

/** All of them, in the order of the table. */
export const VERDICT_NAMES = Object.keys(VERDICTS) as [Verdict, ...Verdict[]];

/** Whether a word is one of the verdicts. */
export const isVerdict = (word: string | undefined): word is Verdict =>
  word !== undefined && Object.hasOwn(VERDICTS, word);

/** Probabilities are shown to so many parts. */
const PARTS = 1e6;

/** The belief in the causes under which a verdict is right, 0 to 1. */
export const confidenceIn = (verdict: Verdict, beliefs: Readonly<Record<Cause, number>>): number => {
  const causes: readonly Cause[] = VERDICTS[verdict].causes;
  const sum = causes.reduce((total, cause) => total + beliefs[cause], 0);
  return Math.min(1, Math.round(sum * PARTS) / PARTS);
};
