import { parseArgs } from "node:util";

export const USAGE = `usage: npm run register -- [--lease advisory|strict] [--rounds N] [--seed N] [--json] [--keep FILE] [--unfenced]
  --lease KIND   of the group; default: strict
  --rounds N     faults, one after the other; default: 30
  --seed N       what is drawn follows from it; default: drawn, and told
  --json         the results as JSON on standard output
  --keep FILE    leaves the whole history there, as JSON
  --unfenced     the store refuses no older epoch: to see the run fail`;

export interface RegisterOptions {
  lease: "advisory" | "strict";
  rounds: number;
  seed: number;
  json: boolean;
  keep: string | undefined;
  unfenced: boolean;
}

const MAX_ROUNDS = 1_000;

const OPTIONS = {
  lease: { type: "string", default: "strict" },
  rounds: { type: "string", default: "30" },
  seed: { type: "string", default: "" },
  json: { type: "boolean", default: false },
  keep: { type: "string" },
  unfenced: { type: "boolean", default: false },
} as const;

/** Reads the command line; returns a sentence if it makes no sense. `seed`: the seed if the line has none. */
export const parseOptions = (words: string[], seed: number): RegisterOptions | string => {
  try {
    const { lease, json, keep, unfenced, ...values } = parseArgs({ args: words, options: OPTIONS }).values;
    const rounds = Number(values.rounds);
    const drawn = values.seed === "" ? seed : Number(values.seed);
    if (lease !== "advisory" && lease !== "strict") return "--lease: advisory or strict";
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) return `--rounds: 1 to ${MAX_ROUNDS}`;
    if (!Number.isInteger(drawn) || drawn < 0) return "--seed: a whole number, 0 or more";
    return { lease, rounds, seed: drawn, json, keep, unfenced };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
