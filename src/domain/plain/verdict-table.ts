/** The causes that may explain the evidence on a target; exactly one of them is true. */
export const CAUSES = ["up", "crashed", "dead", "hung", "gray", "cut"] as const;
export type Cause = (typeof CAUSES)[number];

export const ROUTINGS = ["serve", "avoid"] as const;

interface VerdictRow {
  /** Whether the target does not serve: then an `ok` that began later contradicts the verdict. */
  isDown: boolean;
  /**
   * Where traffic should go once the verdict is borne out. `mixed`: to the target, as long as a sound vantage gets an `ok`;
   * `settled`: as the last verdict that held advised.
   */
  routing: (typeof ROUTINGS)[number] | "mixed" | "settled";
  /** Whether traffic may go on although something is wrong or not known. */
  isUnsure: boolean;
  /** Whether failover is advised once the verdict is confirmed, unless a target's policy says otherwise. */
  failsOver: boolean;
  /** The causes under which the verdict is right: their probabilities add up to its confidence. */
  causes: readonly Cause[];
  /** When the verdict holds: a sentence of the docs. */
  holds: string;
  /** What `/up` then says: also a sentence of the docs. */
  up: string;
  /** One character that stands for the verdict beside a colour; each row has another. */
  sign: string;
}

/** The verdicts that the judge may reach, a row each. Closed: another verdict is another row. */
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
    // The verdict names no cause: it is right whenever the target does not serve.
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

/** All verdicts, in the order of the table. */
export const VERDICT_NAMES = Object.keys(VERDICTS) as [Verdict, ...Verdict[]];

/** Whether a word is one of the verdicts. */
export const isVerdict = (word: string | undefined): word is Verdict =>
  word !== undefined && Object.hasOwn(VERDICTS, word);

/** Probabilities are rounded to one part in this many. */
const PARTS = 1e6;

/** The belief in the causes under which a verdict is right, 0 to 1. */
export const confidenceIn = (verdict: Verdict, beliefs: Readonly<Record<Cause, number>>): number => {
  const causes: readonly Cause[] = VERDICTS[verdict].causes;
  const sum = causes.reduce((total, cause) => total + beliefs[cause], 0);
  return Math.min(1, Math.round(sum * PARTS) / PARTS);
};
