import { z } from "zod";

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const AGO = /^-(\d{1,6})([smhd])$/;

/** Epoch milliseconds of an instant with its offset, or of a duration ago; undefined for any other text. */
export const instantOf = (text: string, now: number): number | undefined => {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : undefined;
};

/** A parameter that names an instant; its parsed value is epoch milliseconds. */
export const InstantQuery = z
  .string()
  .optional()
  .transform((text, context) => {
    if (text === undefined) return null;
    const at = instantOf(text, Date.now());
    if (at !== undefined) return at;
    context.addIssue({
      code: "custom",
      message: "must be an instant, as 2026-11-28T06:00:00Z, or so long ago, as -90s, -30m, -1h or -2d",
    });
    return z.NEVER;
  });
