import type { MatrixTarget } from "../domain/matrix.ts";
import type { PageState, PageView } from "./shown-state.ts";
import { troubledOf } from "./plain-words.ts";

/** A person who is woken reads only a few cards, so the rest is listed. */
export const CARDS_MAX = 12;

/** The content of one card: one target, or all targets of a site that fell silent as a whole, which is one trouble. */
export type CardContent = [MatrixTarget, ...MatrixTarget[]];

/** The cards, the most urgent first, and what is left for the list below them. */
export const cardsOf = (targets: readonly MatrixTarget[]): { cards: CardContent[]; rest: MatrixTarget[] } => {
  const cards = new Map<string, CardContent>();
  for (const row of troubledOf(targets)) {
    const isSite = row.marks.includes("site") && !row.marks.includes("muted");
    const key = isSite ? row.site : `${row.site}/${row.target}`;
    const known = cards.get(key);
    if (known === undefined) cards.set(key, [row]);
    else known.push(row);
  }
  const all = [...cards.values()];
  return { cards: all.slice(0, CARDS_MAX), rest: all.slice(CARDS_MAX).flat() };
};

type Named = Pick<MatrixTarget, "site" | "target">;

/** The targets whose whole verdict the page needs. */
export const wantedCards = (targets: readonly MatrixTarget[], { site, target }: PageView): Named[] =>
  site !== null && target !== null ? [{ site, target }] : cardsOf(targets).cards.map(([first]) => first);

/** The verdict of a target, where the page has it. */
export const verdictIn = ({ verdicts }: PageState, { site, target }: Named) =>
  verdicts.find((verdict) => verdict.site === site && verdict.target === target);
