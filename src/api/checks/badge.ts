/** A target's name and verdict as a picture for other people's pages: words beside the colour, and never a wrong green. */
import { html } from "hono/html";
import { fromInstant } from "../../domain/instant.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";
import type { CachedReading } from "../aggregators/cached-reading.ts";
import type { ReadPlace } from "../aggregators/target-reads.ts";

/** Backgrounds of white text: each has a contrast of at least 4.5 to it (WCAG 2.2, 1.4.3). */
export const COLOURS = {
  good: "#1a7f37",
  doubtful: "#8a5d00",
  bad: "#c5221f",
  unknown: "#57606a",
  rehearsal: "#7a46d1",
  name: "#24292f",
} as const;
type Look = Exclude<keyof typeof COLOURS, "name">;

/** The words and the look of a target's badge. */
export interface BadgeText {
  words: string;
  look: Look;
}

export const IN_TROUBLE: BadgeText = { words: "no answer from the detector", look: "unknown" };

const lookOf = ({ verdict, advice, stale, paused }: VerdictAnswer): Look => {
  // The target was not probed lately: what held once says nothing of now.
  if (stale || paused || verdict === "unknown") return "unknown";
  if (advice.routing === "avoid") return "bad";
  return verdict === "alive" ? "good" : "doubtful";
};

/** Whether the verdict is past its time. An operator's override and the last verdict of a paused target have no end. */
const isOver = ({ validUntil, override, paused }: VerdictAnswer, now: number): boolean =>
  validUntil !== null && override === null && !paused && now > fromInstant(validUntil);

/** The badge at `now`, epoch milliseconds. A drill that is not live is a rehearsal, whatever it shows. */
export const saidOf = (
  { answer, rehearsal }: Pick<CachedReading, "answer" | "rehearsal">,
  now: number,
): BadgeText => {
  const { verdict, confirmed, drill, override, paused } = answer;
  const isStale = answer.stale || isOver(answer, now);
  const words = [
    ...(rehearsal ? ["rehearsal:"] : []),
    isStale ? "unknown" : verdict,
    ...(confirmed && !isStale && verdict !== "alive" && verdict !== "unknown" ? ["confirmed"] : []),
    ...(paused ? ["paused"] : []),
    ...(override === null ? [] : ["override"]),
    ...(drill === null || rehearsal ? [] : ["drill"]),
  ];
  return { words: words.join(" "), look: rehearsal ? "rehearsal" : lookOf({ ...answer, stale: isStale }) };
};

const HEIGHT_PX = 20;
const BASELINE_PX = 14;
/** The width of a character; the text is stretched to it, whatever font there is. */
const CHARACTER_PX = 7;
const PADDING_PX = 6;

const widthOf = (text: string): number => text.length * CHARACTER_PX + 2 * PADDING_PX;

const part = (text: string, x: number, colour: string): unknown =>
  html`<rect x="${x}" width="${widthOf(text)}" height="${HEIGHT_PX}" fill="${colour}" /><text
      x="${x + PADDING_PX}"
      y="${BASELINE_PX}"
      textLength="${text.length * CHARACTER_PX}"
      lengthAdjust="spacingAndGlyphs"
      >${text}</text
    >`;

export const drawnBadge = async (
  { site, target }: ReadPlace,
  { words, look }: BadgeText,
): Promise<string> => {
  const name = `${site}/${target}`;
  const width = widthOf(name) + widthOf(words);
  const whole = `${name}: ${words}`;
  const picture = await html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="${HEIGHT_PX}"
    role="img"
    aria-label="${whole}"
  >
    <title>${whole}</title>
    <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
      ${part(name, 0, COLOURS.name)}${part(words, widthOf(name), COLOURS[look])}
    </g>
  </svg>`;
  return picture.toString();
};

/** Name, words and look alone determine the picture, and so its tag. `1`: the version of the drawing. */
export const tagOf = ({ site, target }: ReadPlace, { words, look }: BadgeText): string =>
  `"1/${site}/${target}/${look}/${words.replaceAll(" ", "-")}"`;
