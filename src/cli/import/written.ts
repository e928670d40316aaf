import { Document, isMap, isScalar, type Pair, YAMLMap } from "yaml";
import { inOneLine } from "../shared/output/trouble.ts";
import type { Haul, Origin, Remark } from "./draft.ts";
import type { Settled, Settlement } from "./settle.ts";

/** `gatus.yaml:12 core/front-end`. */
const placeOf = ({ file, line, name }: Origin): string =>
  inOneLine(`${line === undefined ? file : `${file}:${line}`} ${name}`);

const remarkLines = (title: string, remarks: readonly Remark[]): string[] =>
  remarks.length === 0
    ? []
    : [
        `${title} (${remarks.length}):`,
        ...remarks.map(({ origin, text }) => `  ${placeOf(origin)}: ${inOneLine(text)}`),
      ];

const bySite = (targets: readonly Settled[]): string[] => {
  const sites = new Map<string, string[]>();
  for (const { site, target } of targets) sites.set(site, [...(sites.get(site) ?? []), target]);
  return [...sites].map(([site, names]) => `  ${site}: ${names.join(", ")}`);
};

/** The report that a person reads before `apply`, in lines. */
export const reportLines = (haul: Haul, settlement: Settlement): string[] => {
  const { targets, lost, variables, privates } = settlement;
  const needed = [...variables.needed].map(([name, use]) => `  ${name}: ${use}`);
  return [
    `Carried over: ${targets.length} of ${targets.length + haul.left.length}.`,
    ...remarkLines("Not carried over", haul.left),
    ...remarkLines("Carried over in part", lost),
    ...(needed.length === 0 ? [] : ["To be set in the environment of apply:", ...needed]),
    ...(privates.length === 0
      ? []
      : [
          `At private places, which takes ALLOW_PRIVATE and vantages that reach them: ${privates.join(", ")}`,
        ]),
    ...(targets.length === 0
      ? []
      : [
          "Without a witness, a second port of the same host by which a dead process is told from a dead host:",
        ]),
    ...bySite(targets),
    ...haul.hints,
  ];
};

/** The library adds `#` before each line, but no space after it. */
const asComment = (lines: readonly string[]): string => lines.map((line) => ` ${line}`).join("\n");

const pairOf = (document: Document, { target, config, origin, doubts }: Settled): Pair => {
  const pair = document.createPair(target, config);
  if (isScalar(pair.key))
    pair.key.commentBefore = asComment([
      placeOf(origin),
      ...doubts.map((doubt) => `paused: ${inOneLine(doubt)}`),
    ]);
  for (const field of ["expect", "headers"]) {
    const inner = isMap(pair.value) ? pair.value.get(field, true) : undefined;
    if (isMap(inner)) inner.flow = true;
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
