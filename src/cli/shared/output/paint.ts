import type { Environment } from "../arguments/flags.ts";

export type Colour = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";
/** Colours a text for a terminal, or returns it unchanged. */
export type Paint = (colour: Colour, text: string) => string;

const CODES: Record<Colour, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Colours on a terminal that supports them, unless NO_COLOR (no-color.org) is set to anything. */
export const paintFor = (isTerminal: boolean, { NO_COLOR, TERM }: Environment): Paint =>
  isTerminal && !NO_COLOR && TERM !== "dumb"
    ? (colour, text) => `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`
    : (_colour, text) => text;
