import { asColumns, asMarkdown } from "../../test/text/columns.ts";
import type { Row } from "./play.ts";

/** Output for machines: one entry a scenario. */
export const asJson = (rows: readonly Row[]): string =>
  JSON.stringify(
    rows.map(({ scenario, seed, name, verdict, seconds, up, avoid, failover, violations, wrong }) => ({
      scenario: scenario.name,
      seed,
      truth: scenario.truth,
      verdict: verdict?.verdict ?? null,
      confirmed: verdict?.confirmed ?? false,
      seconds: Number(seconds.toFixed(1)),
      up,
      failover,
      violations,
      avoid,
      scope: verdict?.scope ?? null,
      target: name,
      wrong,
    })),
    null,
    2,
  );

const HEAD = [
  "scenario",
  "target",
  "verdict",
  "confirmed",
  "seconds",
  "/up",
  "/avoid",
  "/failover",
  "violations",
  "",
];

const cellsOf = ({
  scenario,
  name,
  verdict,
  note,
  seconds,
  up,
  avoid,
  failover,
  violations,
  wrong,
}: Row): string[] => [
  scenario.name,
  name,
  `${verdict?.verdict ?? "none"}${verdict?.verdict === "unreachable" ? ` (${verdict.scope})` : ""}${note}`,
  verdict?.confirmed === true ? "yes" : "no",
  seconds.toFixed(1),
  String(up),
  String(avoid),
  String(failover),
  String(violations),
  isRight({ violations, wrong }) ? "right" : "WRONG",
];

/** Every verdict is right, and no failover was advised that could have caused split-brain. */
export const isRight = ({ violations, wrong }: Pick<Row, "violations" | "wrong">): boolean =>
  violations === 0 && wrong.length === 0;

/** Rows as columns of equal width. */
export const asText = (rows: readonly Row[]): string => asColumns([HEAD, ...rows.map(cellsOf)]).join("\n");

/** Answers of /failover over the whole run, and those among them that are not allowed. */
interface Counts {
  polls: number;
  violations: number;
  /** Transitions that were judged again from the detector's evidence, and those that came out differently. */
  published: number;
  differences: readonly string[];
}

/** One line for people about all scenarios. */
export const summaryOf = (
  rows: readonly Row[],
  { polls, violations, published, differences }: Counts,
): string => {
  const right = rows.filter(isRight).length;
  return `${right} of ${rows.length} right, ${violations} violations in ${polls} answers of /failover, ${differences.length} of ${published} transitions other when judged again`;
};

const INTRODUCTION = `# Real broken networks

For whoever asks whether it holds on real networks, or changes what it does there.

Written by \`npm run lab -- --report\`, but for its last part: edit the lab, not this page.

Hosts are network namespaces joined by routed links: five remote vantages in four regions with two providers, two sites of two nodes
behind a gateway each, a vantage inside each site, the detector, and a core router. Nodes are real processes, vantages run
\`parallax vantage\`, the detector runs under workerd; faults are packet filters, interfaces taken down, and signals. Each
is proven by real connections before a verdict is asked for. Interval 5 s, timeout 2 s, \`restartGraceMs\` 0. \`/failover\` of every target is asked ten times
a second throughout: a _violation_ is a 200 while the target's process lives.

It runs on Linux with iproute2 and nftables, as root or with unprivileged user namespaces, in namespaces of its own that go
away with it: \`npm run lab -- --check\` says what is missing.
`;

/** Everything that was wrong, in full. */
const complaintsOf = (rows: readonly Row[]): string[] => {
  const wrong = rows.filter((row) => !isRight(row));
  if (wrong.length === 0) return [];
  const told = wrong.map((row) => `- **${row.scenario.name}**: ${row.wrong.join("; ")}`);
  return ["## What was wrong", "", ...told, ""];
};

/** The part written by hand begins with this line, and stays at the end of the page. */
const BY_HAND = "## A register with a fence";

/** That part of a page; empty where it has none. */
export const byHand = (page: string): string => {
  const begin = page.indexOf(`\n${BY_HAND}\n`);
  return begin < 0 ? "" : page.slice(begin + 1);
};

/** The page on the lab, from a run of all scenarios; `kept`: the part written by hand. */
export const asPage = (
  rows: readonly Row[],
  counts: Counts,
  { machine, kept }: { machine: string; kept: string },
): string => {
  const truths = rows.map(
    ({ scenario }) => `- **${scenario.name}**: ${scenario.truth}. _Right because_ ${scenario.why}.`,
  );
  return [
    INTRODUCTION,
    "## As measured",
    "",
    ...asMarkdown([[...HEAD.slice(0, -1), "right"], ...rows.map(cellsOf)]),
    "",
    `${summaryOf(rows, counts)}; ${machine}. Seconds count from the fault to the verdict shown, 0 where it never moved.`,
    "",
    ...complaintsOf(rows),
    "## The faults",
    "",
    ...truths,
    "",
    kept,
  ].join("\n");
};
