/** Flags that name an instant: `--since`, `--until`. */
import { BadArgument } from "./flags.ts";

/** So long ago, with or without its sign. */
const AGO = /^-?(\d{1,6}[smhd])$/;
/** RFC 3339; the detector has the last word. */
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** What a flag says, as the API takes it. Throws BadArgument. */
export const instantFlag = (flag: string, text: string): string => {
  const ago = AGO.exec(text)?.[1];
  if (ago !== undefined) return `-${ago}`;
  if (INSTANT.test(text)) return text;
  throw new BadArgument(
    `${flag} must be so long ago, as 90s, 30m, 1h or 2d, or an instant, as 2026-11-28T06:00:00Z`,
  );
};

/** `--since -1h`, which would be read as a flag of its own, is meant as `--since=-1h`. */
export const joinedFlags = (args: readonly string[], ...flags: readonly string[]): string[] =>
  args.reduce<string[]>((all, arg) => {
    const before = all.at(-1);
    return before !== undefined && flags.includes(before) && AGO.test(arg)
      ? all.with(-1, `${before}=${arg}`)
      : [...all, arg];
  }, []);
