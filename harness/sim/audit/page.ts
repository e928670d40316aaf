/** The page: which change is noticed by what. */
import { command, joined, tableLines } from "../report/markdown.ts";
import { NUMBERS } from "./change.ts";
import { RULE_NAMES } from "./judged.ts";
import type { Result } from "./kept.ts";

/** Those who noticed, by group in the order of the page, so that a cell can name them by a number. */
class Noticers {
  readonly groups = new Map<string, string[]>();

  short(group: string, who: string): string {
    const all = this.groups.get(group) ?? [];
    this.groups.set(group, all);
    if (!all.includes(who)) all.push(who);
    return `${group} ${all.indexOf(who) + 1}`;
  }
}

const NOTHING = "**nothing**";

const cellOf = (noticers: Noticers, result: Result | undefined): string => {
  if (result === undefined) return "not tried";
  const { test, claims, differs } = result;
  const colon = test?.indexOf(": ") ?? 0;
  const tests = test === null ? [] : [noticers.short(test.slice(0, colon), test.slice(colon + 2))];
  const [first, ...rest] = (claims ?? []).map((claim) => noticers.short("claim", claim));
  const more = rest.length === 0 ? "" : ` +${rest.length}`;
  const who = [...tests, ...(first === undefined ? [] : [`${first}${more}`])];
  if (who.length === 0 && claims === null) return "no test";
  if (who.length > 0) return who.join(", ");
  return differs === true ? NOTHING : `${NOTHING}, all the same`;
};

const isNoticed = ({ test, claims }: Result): boolean => test !== null || (claims ?? []).length > 0;

/** How many of some results whom noticed. */
const countLine = (what: string, results: readonly Result[]): string[] => {
  const byTest = results.filter(({ test }) => test !== null).length;
  const byClaims = results.filter(({ test, claims }) => test === null && (claims ?? []).length > 0).length;
  const byNone = results.filter((result) => !isNoticed(result)).length;
  return [what, String(results.length), String(byTest), String(byClaims), String(byNone)];
};

const COUNTS = ["changed", "tried", "a test notices", "only a claim", "nothing"];

const opening = (isAll: boolean): (string | string[])[] => [
  "# What each rule and number is for",
  "For whoever changes a rule or a number of the judge.",
  [
    "Made by one command; do not edit it. It switches each rule of the judge off in turn, and halves and doubles each of its numbers,",
    "and asks the laws and tests of `test/verdict` and the claims of the simulator who notices.",
  ],
  command(`npm run sim -- --audit${isAll ? " --all" : ""}`),
  [
    "What nothing notices has no business there, or lacks the scenario that shows why it is there.",
    "",
    "- A count is halved rounding down, to one at least; a one becomes zero. A share or chance above a half and below 1 is",
    "  changed in what it lacks to 1: 0.99 becomes 0.995 and 0.98. Of a list each element is changed alone.",
    "- The tests run in one order and stop at the first that fails, which is the one named; more may notice. Laws are tried a",
    "  fifth as often as by `npm test`, in the same random worlds for each variant.",
    isAll
      ? "- The claims are measured on few seeds, the same for each variant: a claim notices where the judge as it is reaches it,"
      : "- The claims are measured only where no test notices, on few seeds, the same for each: a claim notices where the judge as it is reaches it,",
    '  and the variant does not. The months of `--suite months` are left out. "All the same": not one of those runs went otherwise.',
  ],
];

/** The page of all results. Same results, same page. */
export const auditPage = (results: readonly Result[], isAll: boolean): string => {
  const noticers = new Noticers();
  const find = (kind: Result["kind"], name: string): Result | undefined =>
    results.find((result) => result.kind === kind && result.name === name);
  const kinds = (kind: Result["kind"]): Result[] => results.filter((result) => result.kind === kind);
  const rules = RULE_NAMES.map((name) => [`\`${name}\``, cellOf(noticers, find("off", name))]);
  const numbers = NUMBERS.map(({ name, value }) => [
    `\`${name}\``,
    String(value),
    cellOf(noticers, find("halved", name)),
    cellOf(noticers, find("doubled", name)),
  ]);
  const counts = [
    countLine("rules off", kinds("off")),
    countLine("numbers halved", kinds("halved")),
    countLine("numbers doubled", kinds("doubled")),
  ];
  return joined([
    ...opening(isAll),
    tableLines([COUNTS, ...counts], new Set([1, 2, 3, 4])),
    "## Rules",
    tableLines([["rule", "off: who notices"], ...rules]),
    "## Numbers",
    tableLines(
      [["number", "value", "halved: who notices", "doubled: who notices"], ...numbers],
      new Set([1]),
    ),
    "## Who notices",
    ...[...noticers.groups]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([group, all]) => all.map((who, at) => `- **${group} ${at + 1}** ${who}`)),
  ]);
};
