import type { Expect } from "../../src/domain/kinds.ts";

/** A case in which readers of HTTP differ, and what each finds, as `outcome/stage`. */
export interface Difference {
  /** Names of answers, or the beginnings of the details that the socket's reader gives for them. */
  of: string[];
  byFetch: string;
  bySocket: string;
  onNode: string;
  why: string;
}

/**
 * The finding that a probe must come to, as `outcome/stage`. `onWorkers`: the finding there if it differs, since Workers has no UDP and
 * names no errors.
 */
export interface Case {
  of: string;
  finds: string;
  onWorkers?: string;
  expect?: Expect;
  /** A text that `detail` must contain. */
  saying?: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Ports of real listeners by behaviour. */
    ports: Record<string, number>;
    /** The answers of the corpus, each at a port of its own. */
    corpus: { name: string; expect: Expect | undefined; found: string; port: number }[];
    /** The cases of every kind, each with a server of its own. */
    kinds: (Case & { scheme: string; url: string })[];
    /** Where the readers differ: the table of docs/answers.md. */
    differences: Difference[];
  }
}
