import { BadArgument } from "./flags.ts";

const AGO = /^-?(\d{1,6}[smhd])$/;

/** What a flag names as an instant, as the API takes it: an instant with its offset, or so long ago as `1h`. Throws BadArgument. */
export const instantFlag = (flag: string, text: string): string => {
  const [, ago] = AGO.exec(text) ?? [];
  if (ago !== undefined) return `-${ago}`;
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new BadArgument(
    `${flag} must be so long ago as 90s, 15m, 1h or 2d, or an instant as 2026-11-28T06:00:00Z`,
  );
};
