/** Walks the cells of the table by keyboard: Tab reaches one of them, and the arrow keys go on from there. */

const STEPS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const isCell = (element: Element | null): element is HTMLTableCellElement =>
  element instanceof HTMLTableCellElement && element.tabIndex >= -1 && element.hasAttribute("tabindex");

const firstCell = (table: HTMLTableElement): HTMLTableCellElement | null =>
  table.querySelector("tbody td[tabindex]");

const neighbourOf = (cell: HTMLTableCellElement, [rows, columns]: [number, number]): Element | null => {
  if (columns > 0) return cell.nextElementSibling;
  if (columns < 0) return cell.previousElementSibling;
  const row = cell.parentElement;
  const next = rows > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  return next?.children[cell.cellIndex] ?? null;
};

/** Moves the focus as a key asks; returns whether it moved. Rows beyond the drawn ones are drawn once they are scrolled to. */
export const walk = (key: string, from: Element, table: HTMLTableElement): boolean => {
  const step = STEPS[key];
  if (step === undefined) return false;
  const next = isCell(from) ? neighbourOf(from, step) : firstCell(table);
  if (!isCell(next)) return false;
  for (const cell of table.querySelectorAll<HTMLElement>('td[tabindex="0"]')) cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  return true;
};

/** The target and vantage of a cell of the table; null for anything else. */
export const cellPlace = (
  element: Element,
  vantages: readonly { id: string }[],
): { site: string; target: string; vantage: string } | null => {
  const cell = element.closest("td");
  const row = cell?.closest("tr");
  // Two cells come before the first vantage: the target's name and its verdict.
  const vantage = vantages[(cell?.cellIndex ?? 0) - 2]?.id;
  const { site, target } = row?.dataset ?? {};
  return site === undefined || target === undefined || vantage === undefined
    ? null
    : { site, target, vantage };
};
