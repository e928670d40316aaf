/** Flags for a duration: `--for`. */
import { BadArgument } from "./flags.ts";

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

const shown = (ms: number): string => {
  const [unit, size] = Object.entries(UNIT_MS).find(([, each]) => ms % each === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
};

/** Such of these as the limit allows. */
const EXAMPLES = { "90s": 90_000, "30m": 1_800_000, "2h": 7_200_000, "1d": 86_400_000 };

const examples = (maxMs: number): string => {
  const fitting = Object.entries(EXAMPLES).flatMap(([text, ms]) => (ms <= maxMs ? [text] : []));
  const last = fitting.pop() ?? shown(maxMs);
  return fitting.length === 0 ? last : `${fitting.join(", ")} or ${last}`;
};

/** Milliseconds, a second at least. Throws BadArgument. */
export const timeFlag = (flag: string, text: string | undefined, maxMs: number): number => {
  const [, count = "", unit = ""] = /^(\d{1,7})([smhd])$/.exec(text ?? "") ?? [];
  const ms = Number(count) * (UNIT_MS[unit as keyof typeof UNIT_MS] ?? 0);
  if (ms >= 1_000 && ms <= maxMs) return ms;
  throw new BadArgument(`${flag} must be a time, as ${examples(maxMs)}, and ${shown(maxMs)} at most`);
};
