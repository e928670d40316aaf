import type { Expect } from "../../src/domain/kinds.ts";

/** Where readers of HTTP differ, and what each finds then, as `outcome/stage`. */
export interface Difference {
  /** Names of answers, or the beginnings of what the socket's reader says of them. */
  of: string[];
  byFetch: string;
  bySocket: string;
  onNode: string;
  why: string;
}

/** What a probe is to find, as `outcome/stage`. `onWorkers`: where that differs, since it has no UDP and names no errors. */
export interface Case {
  of: string;
  finds: string;
  onWorkers?: string;
  expect?: Expect;
  /** What `detail` says. */
  saying?: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Ports of real listeners by behaviour. */
    ports: Record<string, number>;
    /** The answers of the corpus, each at a port of its own. */
    corpus: { name: string; expect: Expect | undefined; found: string; port: number }[];
    /** What probes of every kind are to find, each at a server of its own. */
    kinds: (Case & { scheme: string; url: string })[];
    /** Where its readers differ: the table of docs/answers.md. */
    differences: Difference[];
  }
}
