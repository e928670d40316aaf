/** Problems that axe-core, Deque's checker of accessibility, finds on a page in its present state. */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** WCAG 2.2 at levels A and AA, by axe's tags. */
const AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** Beyond WCAG: listed separately. */
const BEST = "best-practice";

interface Violation {
  id: string;
  tags: string[];
  nodes: { target: unknown[]; failureSummary?: string }[];
}

export interface Findings {
  /** Violations of WCAG 2.2 AA, a line each. */
  wrong: string[];
  /** Violations of what axe's authors consider good practice. */
  advice: string[];
}

const wordsOf = ({ id, nodes }: Violation): string => {
  const [first] = nodes;
  const why = (first?.failureSummary ?? "").split("\n").slice(1).join(" ").trim();
  return `${id} ${String(first?.target ?? "")}${nodes.length > 1 ? ` and ${nodes.length - 1} more` : ""}${why === "" ? "" : `: ${why}`}`;
};

/** Runs axe. The browser itself injects it: the page's policy forbids every script except its own. */
export const examine = async (page: Page): Promise<Findings> => {
  if (await page.evaluate<boolean>("globalThis.axe === undefined")) await page.evaluate(axe.source);
  const options = {
    runOnly: { type: "tag", values: [...AA, BEST] },
    resultTypes: ["violations"],
    preload: false,
  };
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  const isAa = ({ tags }: Violation): boolean => tags.some((tag) => AA.includes(tag));
  return {
    wrong: found.filter(isAa).map(wordsOf),
    advice: found.filter((one) => !isAa(one)).map(wordsOf),
  };
};
