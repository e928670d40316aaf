/** Times as Go and Prometheus write them. */

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};
const TIME = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)/g;

/** Undefined where the text is not a duration. A number without a unit must be 0 or takes `unit`. */
export const durationMs = (text: string, unit?: string): number | undefined => {
  const whole = /^\d+$/.test(text) && (unit !== undefined || text === "0") ? `${text}${unit ?? "s"}` : text;
  if (whole === "" || whole.replaceAll(TIME, "") !== "") return undefined;
  const parts = [...whole.matchAll(TIME)].map(
    ([, count, name = ""]) => Number(count) * (UNITS_MS[name] ?? 0),
  );
  return Math.round(parts.reduce((sum, part) => sum + part, 0));
};
