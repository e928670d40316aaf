import type { CheckView } from "../../../client/check-calls.ts";
import { isName, NAME_RULE } from "../../../domain/plain/names.ts";
import { BadArgument } from "./flags.ts";

/** Options for the question of `/avoid`. */
export const SLANT_OPTIONS = {
  from: { type: "string" },
  gray: { type: "string" },
  partition: { type: "string" },
} as const;

/** The part of a usage text that explains these options. */
export const SLANT_USAGE = `  --from NAME         as seen from that vantage or region
  --gray down         take "gray" for down
  --partition down    take "partitioned" for down`;

const downOf = (flag: string, value: string | undefined): "down" | undefined => {
  if (value === undefined || value === "down") return value;
  throw new BadArgument(`${flag} must be "down", or left out`);
};

type Values = Partial<Record<keyof typeof SLANT_OPTIONS, string | undefined>>;

/** The slant that the flags give; throws BadArgument. */
export const slantIn = ({ from, gray, partition }: Values): CheckView => {
  if (from !== undefined && !isName(from)) throw new BadArgument(`--from ${NAME_RULE}`);
  return { from, gray: downOf("--gray", gray), partition: downOf("--partition", partition) };
};
