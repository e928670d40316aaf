import { Document, isMap, isScalar, type Pair, Scalar, visit, YAMLMap } from "yaml";
import { inOneLine } from "../shared/output/trouble.ts";
import type { Haul, Origin, Remark } from "./draft.ts";
import type { Settled, Settlement } from "./settle.ts";

/** `gatus.yaml:12 core/front-end`. */
const placeOf = ({ file, line, name }: Origin): string =>
  inOneLine(`${line === undefined ? file : `${file}:${line}`} ${name}`);

/** The first of many, and how many more there are. */
const upTo = (longest: number, all: readonly string[], more: (count: number) => string): string[] =>
  all.length > longest ? [...all.slice(0, longest), more(all.length - longest)] : [...all];

/** The same for lines. */
export const linesUpTo = (longest: number, lines: readonly string[]): string[] =>
  upTo(longest, lines, (count) => `  … and ${count} more`);

const namesUpTo = (longest: number, names: readonly string[]): string =>
  upTo(longest, names, (count) => `and ${count} more`).join(", ");

const remarkLines = (title: string, remarks: readonly Remark[], longest: number): string[] =>
  remarks.length === 0
    ? []
    : [
        `${title} (${remarks.length}):`,
        ...linesUpTo(
          longest,
          remarks.map(({ origin, text }) => `  ${placeOf(origin)}: ${inOneLine(text)}`),
        ),
      ];

const bySite = (targets: readonly Settled[], longest: number): string[] => {
  const sites = new Map<string, string[]>();
  for (const { site, target } of targets) {
    const names = sites.get(site) ?? [];
    names.push(target);
    sites.set(site, names);
  }
  return linesUpTo(
    longest,
    [...sites].map(([site, names]) => `  ${site}: ${namesUpTo(longest, names)}`),
  );
};

/** The report that a person reads before `apply`, in lines. `longest`: of each list, only its first so many. */
export const reportLines = (
  haul: Haul,
  settlement: Settlement,
  longest = Number.POSITIVE_INFINITY,
): string[] => {
  const { targets, lost, variables, privates } = settlement;
  const needed = [...variables.needed].map(([name, use]) => `  ${name}: ${use}`);
  return [
    `Carried over: ${targets.length} of ${targets.length + haul.left.length}.`,
    ...remarkLines("Not carried over", haul.left, longest),
    ...remarkLines("Carried over in part", lost, longest),
    ...(needed.length === 0 ? [] : ["To be set in the environment of apply:", ...linesUpTo(longest, needed)]),
    ...(privates.length === 0
      ? []
      : [
          `At private places, which takes ALLOW_PRIVATE and vantages that reach them: ${namesUpTo(longest, privates)}`,
        ]),
    ...(targets.length === 0
      ? []
      : [
          "Without a witness, a second port of the same host by which a dead process is told from a dead host:",
        ]),
    ...bySite(targets, longest),
    ...linesUpTo(longest, haul.hints),
  ];
};

/** The library adds `#` before each line, but no space after it. */
const asComment = (lines: readonly string[]): string => lines.map((line) => ` ${line}`).join("\n");

/** Within braces the library writes a text of several lines, or one that begins with a colon, so that it cannot be read back: such a text is quoted. */
const quoted = (_: unknown, scalar: Scalar): void => {
  if (typeof scalar.value === "string" && /[\r\n]|^:/.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
};

const pairOf = (document: Document, { target, config, origin, doubts }: Settled): Pair => {
  const pair = document.createPair(target, config);
  if (isScalar(pair.key))
    pair.key.commentBefore = asComment([
      placeOf(origin),
      ...doubts.map((doubt) => `paused: ${inOneLine(doubt)}`),
    ]);
  for (const field of ["expect", "headers"]) {
    const inner = isMap(pair.value) ? pair.value.get(field, true) : undefined;
    if (!isMap(inner)) continue;
    inner.flow = true;
    visit(inner, { Scalar: quoted });
  }
  return pair;
};

/** A file for `apply`: each target below a comment with its place in the source, and the report at the end. */
export const written = (kind: string, haul: Haul, settlement: Settlement): string => {
  const document = new Document({ sites: new YAMLMap() });
  const sites = new Map<string, YAMLMap>();
  for (const settled of settlement.targets) {
    const targets = sites.get(settled.site) ?? new YAMLMap();
    if (!sites.has(settled.site)) document.addIn(["sites"], document.createPair(settled.site, targets));
    sites.set(settled.site, targets);
    // Names are unique already, and a search among the others for each would take long.
    targets.items.push(pairOf(document, settled));
  }
  document.commentBefore = asComment([
    `Made by parallax import ${kind}. Read it, then: parallax apply FILE --dry-run`,
    "Values in the query of a URL and texts to look for stand here as they were: keep the file accordingly.",
  ]);
  document.comment = asComment(reportLines(haul, settlement));
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
};
