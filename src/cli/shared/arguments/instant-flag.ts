/** Flags that name an instant: `--since`, `--until`. */
import { BadArgument } from "./flags.ts";

/** A time ago, with or without its sign. */
const AGO = /^-?(\d{1,6}[smhd])$/;
/** RFC 3339, roughly; the detector checks it in full. */
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** A flag's value as the API accepts it. Throws BadArgument. */
export const instantFlag = (flag: string, text: string): string => {
  const ago = AGO.exec(text)?.[1];
  if (ago !== undefined) return `-${ago}`;
  if (INSTANT.test(text)) return text;
  throw new BadArgument(
    `${flag} must be so long ago, as 90s, 30m, 1h or 2d, or an instant, as 2026-11-28T06:00:00Z`,
  );
};

/** Turns `--since -1h` into `--since=-1h`: `-1h` by itself would be read as a flag. */
export const joinedFlags = (args: readonly string[], ...flags: readonly string[]): string[] =>
  args.reduce<string[]>((all, arg) => {
    const before = all.at(-1);
    return before !== undefined && flags.includes(before) && AGO.test(arg)
      ? all.with(-1, `${before}=${arg}`)
      : [...all, arg];
  }, []);
