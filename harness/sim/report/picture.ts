/** The picture: how fast against how wrong, a line for each family over its thresholds. Plain SVG by hand. */
import { type Point, rateOf } from "./point.ts";
import { logScale, type Scale, tickText } from "./scale.ts";

const WIDTH = 900;
const HEIGHT = 560;
/** The strip for those that were never wrong, left of the axis of those that were. */
const NEVER = { from: 70, to: 150 };
const PLOT = { left: 170, right: 680, top: 50, bottom: 490 };
const LEGEND_X = 705;

/** Told apart by most eyes (after Okabe and Ito), and greys; ours first. */
const COLOURS = [
  "#d55e00",
  "#0072b2",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#8c6d31",
  "#6a3d9a",
  "#444444",
  "#888888",
  "#000000",
];

interface Place {
  point: Point;
  x: number;
  y: number;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const at = (value: number): string => value.toFixed(1);

const label = (x: number, y: number, words: string, more = ""): string =>
  `<text x="${at(x)}" y="${at(y)}"${more}>${escaped(words)}</text>`;

/** Those that were never wrong stand in the strip, side by side by family so that none hides another. */
const placesOf = (points: readonly Point[], families: readonly string[], x: Scale, y: Scale): Place[] =>
  points.map((point) => {
    const rank = families.indexOf(point.family) + 0.5;
    const never = NEVER.from + (rank / families.length) * (NEVER.to - NEVER.from);
    return {
      point,
      x: point.wrongDowns === 0 ? never : x.place(rateOf(point)),
      y: y.place(point.p50 ?? Number.NaN),
    };
  });

const axes = (x: Scale, y: Scale, hours: number): string[] => {
  const grid = `stroke="#ddd" stroke-width="1"`;
  const lines = [
    ...y.ticks.map((tick) => {
      const place = at(y.place(tick));
      return `<line x1="${NEVER.from}" y1="${place}" x2="${PLOT.right}" y2="${place}" ${grid}/>`;
    }),
    ...x.ticks.map((tick) => {
      const place = at(x.place(tick));
      return `<line x1="${place}" y1="${PLOT.top}" x2="${place}" y2="${PLOT.bottom}" ${grid}/>`;
    }),
  ];
  const strip = `<rect x="${NEVER.from}" y="${PLOT.top}" width="${NEVER.to - NEVER.from}" height="${PLOT.bottom - PLOT.top}" fill="#eef6ee"/>`;
  const middle = (PLOT.left + PLOT.right) / 2;
  const never = (NEVER.from + NEVER.to) / 2;
  const centred = ` text-anchor="middle"`;
  return [
    strip,
    ...lines,
    ...y.ticks.map((tick) => label(NEVER.from - 6, y.place(tick) + 4, tickText(tick), ` text-anchor="end"`)),
    ...x.ticks.map((tick) => label(x.place(tick), PLOT.bottom + 18, tickText(tick), centred)),
    label(never, PLOT.bottom + 18, "never", centred),
    label(never, PLOT.bottom + 34, `in ${hours.toFixed(0)} h`, centred),
    label(
      middle,
      PLOT.bottom + 40,
      "wrong downs an hour, for one target amid trouble that is not its own",
      centred,
    ),
    label(20, PLOT.top - 14, "seconds until a silent death is called, median"),
  ];
};

const drawn = (family: string, places: readonly Place[], colour: string): string[] => {
  const stroke = `stroke="${colour}" stroke-width="${family === "parallax" ? 3 : 1.5}"`;
  const path = places.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join(" ");
  return [
    ...(places.length > 1 ? [`<path d="${path}" fill="none" ${stroke}/>`] : []),
    ...places.map(
      ({ point, x, y }) =>
        `<circle cx="${at(x)}" cy="${at(y)}" r="4" fill="${point.wrongDowns === 0 ? "white" : colour}" ${stroke}><title>${escaped(titleOf(point))}</title></circle>`,
    ),
  ];
};

const titleOf = ({ detector, p50, wrongDowns, targetHours }: Point): string =>
  `${detector}: ${p50?.toFixed(1)} s, ${wrongDowns} wrong in ${targetHours.toFixed(0)} h`;

/** The picture as SVG; detectors that missed more than half of the deaths have no place on it. */
export const pictureOf = (points: readonly Point[]): string => {
  const families = [...new Set(points.map(({ family }) => family))];
  const shown = points.filter(({ p50 }) => p50 !== null);
  const wrong = shown.filter(({ wrongDowns }) => wrongDowns > 0).map(rateOf);
  const x = logScale(wrong.length > 0 ? wrong : [1], PLOT.left, PLOT.right);
  const y = logScale(
    shown.map(({ p50 }) => Math.max(0.01, p50 ?? 1)),
    PLOT.bottom,
    PLOT.top,
  );
  const places = placesOf(shown, families, x, y);
  const body = families.flatMap((family, rank) => {
    const colour = COLOURS[rank % COLOURS.length] as string;
    const own = places.filter(({ point }) => point.family === family);
    const high = PLOT.top + 10 + rank * 22;
    return [
      ...drawn(family, own, colour),
      `<circle cx="${LEGEND_X}" cy="${high}" r="4" fill="${colour}"/>`,
      label(LEGEND_X + 12, high + 4, family),
    ];
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">`,
    `<title>How fast against how wrong, in simulated worlds</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...axes(x, y, points[0]?.targetHours ?? 0),
    ...body,
    label(LEGEND_X, PLOT.bottom - 22, "along a line: its threshold,"),
    label(LEGEND_X, PLOT.bottom - 5, "from hasty to slow"),
    "</svg>",
  ].join("\n")}\n`;
};
