import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const USAGE = `usage: npm run shadow:proof -- [--minutes M] [--seed N] [--kuma DIR] [--keep DIR]
  --minutes M  faults for so long, 2 to 120; default 3
  --kuma DIR   Uptime Kuma as unpacked from npm, with what it depends on installed there; without it Kuma is left out
  --keep DIR   leaves journals, reports and the truth there`;

export interface ProofOptions {
  minutes: number;
  seed: number;
  kuma: string | undefined;
  keep: string | undefined;
}

const OPTIONS = {
  minutes: { type: "string", default: "3" },
  seed: { type: "string" },
  kuma: { type: "string" },
  keep: { type: "string" },
} as const;

/** A sentence where the command line makes no sense. */
export const parseOptions = (words: string[], drawn: number): ProofOptions | string => {
  try {
    const { minutes, seed, kuma, keep } = parseArgs({ args: words, options: OPTIONS }).values;
    const [lasts, number] = [Number(minutes), seed === undefined ? drawn : Number(seed)];
    if (!(lasts >= 2 && lasts <= 120)) return "--minutes: 2 to 120";
    if (!Number.isSafeInteger(number)) return "--seed: a whole number";
    const path = (given: string | undefined) => (given === undefined ? undefined : resolve(given));
    return { minutes: lasts, seed: number, kuma: path(kuma), keep: path(keep) };
  } catch (error) {
    return (error as Error).message;
  }
};
