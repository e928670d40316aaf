/** One self-contained page: no script, nothing loaded, light or dark by the reader's setting. */
import { toInstant } from "../../../domain/plain/rfc3339.ts";
import { printable } from "../../shared/output/trouble.ts";
import { type Block, blocksOf, timeWords, blockTitle } from "./blocks.ts";
import type { LaneRecording, LaneSpan, Spell } from "./report-lanes.ts";
import type { ShadowReport } from "./shadow-report.ts";

const SIGNS: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => printable(text).replaceAll(/[&<>"']/g, (sign) => SIGNS[sign] ?? "");

const STYLE = `:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#c9ced6;--up:#cfe8d5;--down:#b3261e;--none:#8a929e}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--paper:#14171b;--line:#3a4048;--up:#1f4a2c;--down:#ff7a70;--none:#6b7380}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:75rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.9rem}caption{text-align:left;font-weight:600}
th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.wide{overflow-x:auto}svg{width:100%;height:auto;display:block;margin:.2rem 0 1rem}text{fill:var(--ink);font:12px system-ui,sans-serif}
.up{fill:var(--up)}.down{fill:var(--down)}.none{fill:none;stroke:var(--none);stroke-dasharray:3 3}
h3{font-size:1rem;margin:1rem 0 0}`;

const WIDTH = 1_000;
/** The margin left of the lanes, for their names. */
const MARGIN = 110;
const HEIGHT = 16;
/** A page with more lanes would be slow. The tables have all. */
const MAX_LANES = 200;

const CLASS = { true: "up", false: "down", null: "none" } as const;
const WORD = { up: "up", down: "down", none: "not known" } as const;

type Kind = (typeof CLASS)[keyof typeof CLASS];

/** Where a fault shares a column with other states, the fault is drawn: otherwise one of seconds would be invisible in a month. */
const RANK: Readonly<Record<Kind, number>> = { none: 0, up: 1, down: 2 };

/** The state that is drawn in each column of a lane. */
const columnsOf = (spells: readonly Spell[], { from, to }: LaneSpan): Kind[] => {
  const count = WIDTH - MARGIN;
  const columns = Array.from({ length: count }, (): Kind => "none");
  const column = (at: number): number => ((at - from) / Math.max(1, to - from)) * count;
  for (const spell of spells) {
    const kind = CLASS[`${spell.state}`];
    const last = Math.min(count, Math.ceil(column(spell.to)));
    for (let at = Math.floor(column(spell.from)); at < last; at++)
      if (RANK[kind] > RANK[columns[at] ?? "none"]) columns[at] = kind;
  }
  return columns;
};

const laneOf = (name: string, spells: readonly Spell[], y: number, span: LaneSpan): string => {
  const columns = columnsOf(spells, span);
  const begins = columns.flatMap((kind, at) => (kind === columns[at - 1] ? [] : [at]));
  const rectangles = begins.map((at, index) => {
    const end = begins[index + 1] ?? columns.length;
    const kind = columns[at] ?? "none";
    const instant = (column: number): string =>
      toInstant(Math.round(span.from + (column / columns.length) * (span.to - span.from)));
    const title = `${name} ${WORD[kind]}, some ${instant(at)} … ${instant(end)}`;
    return `<rect class="${kind}" x="${MARGIN + at}" y="${y}" width="${end - at}" height="${HEIGHT - 2}"><title>${escaped(title)}</title></rect>`;
  });
  return `<text x="0" y="${y + 12}">${escaped(name)}</text>${rectangles.join("")}`;
};

const downIn = (spells: readonly Spell[]): string => {
  const down = spells.filter(({ state }) => state === false);
  const sum = down.reduce((total, { from, to }) => total + to - from, 0);
  return `${down.length} times down, ${timeWords(sum)} in all`;
};

const lanesIn = ({ names, other, parallax, span, checker }: LaneRecording): string => {
  const shown = [...names.keys()].filter((target) =>
    [parallax, other].some(({ lanes }) => lanes.get(target)?.some(({ state }) => state === false)),
  );
  const pictures = shown.slice(0, MAX_LANES).map((target) => {
    const [ours = [], theirs = []] = [parallax.lanes.get(target), other.lanes.get(target)];
    const label = `${target}: Parallax ${downIn(ours)}; ${checker} ${downIn(theirs)}. The tables below list each.`;
    return `<h3>${escaped(target)}</h3><svg viewBox="0 0 ${WIDTH} ${2 * HEIGHT}" role="img" aria-label="${escaped(label)}">${laneOf("Parallax", ours, 0, span)}${laneOf(checker, theirs, HEIGHT, span)}</svg>`;
  });
  const left = shown.length - pictures.length;
  return [
    `<h2>Lanes</h2><p>${escaped(`${toInstant(span.from)} … ${toInstant(span.to)}. ${shown.length} of ${names.size} targets were down at some time; a dashed frame is a time of which nobody knows.`)}</p>`,
    ...pictures,
    ...(left > 0 ? [`<p>and ${left} more targets</p>`] : []),
  ].join("\n");
};

const htmlBlock = (block: Block): string => {
  if (block.kind === "heading") return `<h2>${escaped(block.text)}</h2>`;
  if (block.kind === "text") return `<p>${escaped(block.text)}</p>`;
  const { caption, head, rows } = block.table;
  const cells = (row: readonly string[]): string => row.map((cell) => `<td>${escaped(cell)}</td>`).join("");
  return `<div class="wide" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><caption>${escaped(caption)}</caption><thead><tr>${head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("\n")}</tbody></table></div>`;
};

export const asHtml = (report: ShadowReport, recording: LaneRecording): string => {
  const title = escaped(blockTitle(report));
  const [first, ...rest] = blocksOf(report);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1>
${first === undefined ? "" : htmlBlock(first)}
${lanesIn(recording)}
${rest.map(htmlBlock).join("\n")}
</main></body></html>`;
};
