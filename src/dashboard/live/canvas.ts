/** Draws lanes as rectangles on one canvas, and finds what is under a pointer. */
import type { Lane, Lanes, LaneRun } from "../lanes.ts";
import { clockOf } from "../plain-words.ts";

const LANE_PX = 20;
const BAR_PX = 14;
const AXIS_PX = 22;
const NAME_PX = 104;
const MARGIN_PX = 8;
/** The possible distances between marks on the axis, and the least distance in pixels. */
const MARKS_MS = [60_000, 300_000, 600_000, 900_000];
const MARK_PX = 90;

type Colours = Record<"ink" | "soft" | "line" | "good" | "bad" | "unsure" | "block" | "paper", string>;

const coloursOf = (element: Element): Colours => {
  const style = getComputedStyle(element);
  const names = ["ink", "soft", "line", "good", "bad", "unsure", "block", "paper"] as const;
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Colours;
};

/** Converts between instants and positions on the canvas. */
const scaleOf = ({ from, to }: Lanes, widthPx: number) => {
  const px = Math.max(1, widthPx - NAME_PX - MARGIN_PX);
  return {
    x: (at: number): number => NAME_PX + ((at - from) / Math.max(1, to - from)) * px,
    at: (x: number): number => from + ((x - NAME_PX) / px) * (to - from),
  };
};

const drawAxis = (
  context: CanvasRenderingContext2D,
  lanes: Lanes,
  widthPx: number,
  colours: Colours,
): void => {
  const { x } = scaleOf(lanes, widthPx);
  const top = lanes.lanes.length * LANE_PX;
  const everyMs = MARKS_MS.find((ms) => x(lanes.from + ms) - x(lanes.from) >= MARK_PX) ?? 1_800_000;
  context.fillStyle = colours.soft;
  context.textAlign = "center";
  for (let at = Math.ceil(lanes.from / everyMs) * everyMs; at < lanes.to; at += everyMs) {
    context.fillRect(x(at), 0, 0.5, top + 4);
    context.fillText(clockOf(new Date(at).toISOString(), at).slice(0, 5), x(at), top + AXIS_PX / 2 + 2);
  }
  context.textAlign = "left";
};

const drawRun = (
  context: CanvasRenderingContext2D,
  run: LaneRun,
  x: (at: number) => number,
  y: number,
  colours: Colours,
): void => {
  const left = x(run.from);
  const width = Math.max(1, x(run.to) - left - 0.5);
  const colour = run.tone === "none" ? colours.soft : colours[run.tone];
  context.fillStyle = colour;
  // A good run without a sign is a line, any other run fills its lane, so they differ without any colour.
  if (run.tone === "good" && run.sign === "") context.fillRect(left, y + BAR_PX / 2, width, 4);
  else context.fillRect(left, y, width, BAR_PX);
  if (run.sign === "" || context.measureText(run.sign).width + 4 > width) return;
  context.fillStyle = colours.paper;
  context.fillText(run.sign, left + 2, y + BAR_PX / 2 + 1);
};

const drawLane = (
  context: CanvasRenderingContext2D,
  lane: Lane,
  x: (at: number) => number,
  top: number,
  colours: Colours,
): void => {
  const y = top + (LANE_PX - BAR_PX) / 2;
  context.fillStyle = colours.ink;
  context.fillText(lane.name, 0, y + BAR_PX / 2 + 1, NAME_PX - 6);
  context.fillStyle = colours.block;
  context.fillRect(NAME_PX, y, x(Infinity), BAR_PX);
  for (const run of lane.runs) drawRun(context, run, x, y, colours);
  for (const { at, sign, tone } of lane.ticks) {
    context.fillStyle = tone === "none" ? colours.ink : colours[tone];
    context.fillRect(x(at), y, 2, BAR_PX);
    if (sign !== "") context.fillText(sign, x(at) + 4, y + BAR_PX / 2 + 1);
  }
};

/** A line between lanes of different groups: vantages in one network, or lanes about one thing. */
const drawGroups = (
  context: CanvasRenderingContext2D,
  { lanes }: Lanes,
  widthPx: number,
  colours: Colours,
): void => {
  context.fillStyle = colours.line;
  for (const [index, { group }] of lanes.entries())
    if (index > 0 && group !== lanes[index - 1]?.group)
      context.fillRect(0, index * LANE_PX - 0.5, widthPx, 1);
};

/** Draws all lanes, in the size that the canvas has on the page. */
export const paint = (canvas: HTMLCanvasElement, lanes: Lanes): void => {
  const widthPx = canvas.clientWidth;
  const heightPx = lanes.lanes.length * LANE_PX + AXIS_PX;
  const density = devicePixelRatio;
  canvas.style.height = `${heightPx}px`;
  canvas.width = Math.round(widthPx * density);
  canvas.height = Math.round(heightPx * density);
  const context = canvas.getContext("2d");
  if (context === null) return;
  const colours = coloursOf(canvas);
  context.scale(density, density);
  context.font = "12px ui-monospace, monospace";
  context.textBaseline = "middle";
  const { x } = scaleOf(lanes, widthPx);
  const clamped = (at: number): number => Math.min(widthPx - MARGIN_PX, x(at));
  for (const [index, lane] of lanes.lanes.entries())
    drawLane(context, lane, clamped, index * LANE_PX, colours);
  drawGroups(context, lanes, widthPx, colours);
  drawAxis(context, lanes, widthPx, colours);
};

/** How near a pointer must be to a moment. */
const NEAR_PX = 5;

/** The text for a point of the canvas; empty outside the lanes. */
export const wordsAt = (canvas: HTMLCanvasElement, lanes: Lanes, xPx: number, yPx: number): string => {
  const lane = lanes.lanes[Math.floor(yPx / LANE_PX)];
  const { x, at: atOf } = scaleOf(lanes, canvas.clientWidth);
  if (lane === undefined || xPx < NAME_PX) return "";
  const at = atOf(xPx);
  const tick = lane.ticks.find((one) => Math.abs(x(one.at) - xPx) <= NEAR_PX);
  const run = lane.runs.find(({ from, to }) => from <= at && at < to);
  const words = tick?.words ?? run?.words ?? "nothing";
  const clock = clockOf(new Date(tick?.at ?? at).toISOString(), lanes.to);
  return `${clock} ${lane.name}: ${words}`;
};
