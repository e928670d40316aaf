import { inOneLine } from "../../shared/output/trouble.ts";
import { type Block, blocksOf, blockTitle } from "./blocks.ts";
import type { ShadowReport } from "./shadow-report.ts";

/** The longest text of a cell, since names and sentences come from outside. */
const MAX_CELL = 2_000;

const textBlock = (block: Block): string[] => {
  if (block.kind === "heading") return ["", block.text, "-".repeat(block.text.length)];
  if (block.kind === "text") return [inOneLine(block.text, Infinity)];
  const { head, rows } = block.table;
  // A line for each cell, since sentences are longer than a screen is wide.
  return rows.flatMap((row) => [
    "",
    ...row.map((cell, index) => `  ${head[index] ?? ""}: ${inOneLine(cell, MAX_CELL)}`),
  ]);
};

export const asText = (report: ShadowReport): string =>
  [blockTitle(report), "=".repeat(blockTitle(report).length), ...blocksOf(report).flatMap(textBlock)].join(
    "\n",
  );

/** Escapes characters with a meaning in Markdown or HTML. A bar would end the cell. */
const escaped = (cell: string): string =>
  inOneLine(cell, MAX_CELL)
    .replaceAll(/[\\`*_{}[\]<>()#|~!&]/g, (sign) => `\\${sign}`)
    // A bare address would become a link.
    .replaceAll("://", ":\u200b//");

const markdownBlock = (block: Block): string[] => {
  if (block.kind === "heading") return ["", `## ${block.text}`, ""];
  if (block.kind === "text") return [escaped(block.text), ""];
  const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  const { head, rows } = block.table;
  return [row(head), `|${" --- |".repeat(head.length)}`, ...rows.map(row), ""];
};

export const asMarkdown = (report: ShadowReport): string =>
  [`# ${blockTitle(report)}`, "", ...blocksOf(report).flatMap(markdownBlock)].join("\n");

/** JSON in which characters that a terminal would act upon are escaped. */
export const asJson = (report: ShadowReport): string =>
  JSON.stringify(report).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) =>
    Array.from({ length: sign.length }, (_, index) => sign.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
      .join(""),
  );
