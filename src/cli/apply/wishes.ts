import type { Place } from "../../client/client.ts";
import { GroupBodySchema, type GroupRequest, groupRequest } from "../../domain/group.ts";
import { isName, NAME_RULE } from "../../domain/name.ts";
import { speakPlainly } from "../../domain/sentences.ts";
import { completeTarget, type TargetConfig, TargetSchema } from "../../domain/target.ts";
import { type FileFlaw, type Path, readDocument } from "../shared/document/read-document.ts";
import type { Environment } from "../shared/arguments/flags.ts";
import { filled } from "./placeholders.ts";

speakPlainly();

/** A target as the file wants it, headers with their real values. */
export interface WantedItem {
  place: Place;
  config: TargetConfig;
}

/** A group as the file wants it. */
export interface GroupWish {
  group: string;
  config: GroupRequest;
}

/** The content of a file. `sites` also names sites without targets. Without `groups` the file leaves all groups alone. */
export interface Wishes {
  sites: string[];
  targets: WantedItem[];
  groups: GroupWish[] | undefined;
}

type Complain = (path: Path, message: string) => void;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a file of targets and groups. All its flaws are reported at once. */
export const wishesIn = (text: string, environment: Environment): Wishes | FileFlaw[] => {
  const document = readDocument(text);
  if (Array.isArray(document)) return document;
  const flaws: FileFlaw[] = [];
  const complain: Complain = (path, message) => {
    flaws.push({ line: document.lineOf(path), field: path.join("."), message });
  };
  const wishes = read(document.value, environment, complain);
  return flaws.length > 0 ? flaws : wishes;
};

const read = (value: unknown, environment: Environment, complain: Complain): Wishes => {
  const wishes: Wishes = { sites: [], targets: [], groups: undefined };
  const { sites, groups, ...more } = isRecord(value) ? value : {};
  // A file may hold only groups.
  if (isRecord(sites)) readSites(sites, wishes, environment, complain);
  else if (sites !== undefined || groups === undefined)
    complain(["sites"], "must be a mapping of sites, each a mapping of its targets");
  for (const key of Object.keys(more)) complain([key], "is no field of this file");
  if (groups !== undefined) wishes.groups = readGroups(groups, complain);
  return wishes;
};

/** Adds to `wishes`. */
const readSites = (
  sites: Record<string, unknown>,
  wishes: Wishes,
  environment: Environment,
  complain: Complain,
): void => {
  for (const [site, targets] of Object.entries(sites)) {
    const path = ["sites", site];
    wishes.sites.push(site);
    if (!isName(site)) complain(path, `the site's name ${NAME_RULE}`);
    if (!isRecord(targets)) {
      complain(path, "must be a mapping of targets; {} for none");
      continue;
    }
    for (const [target, wanted] of Object.entries(targets)) {
      if (!isName(target)) complain([...path, target], `the target's name ${NAME_RULE}`);
      const config = readTarget(wanted, environment, [...path, target], complain);
      if (config !== undefined) wishes.targets.push({ place: { site, target }, config });
    }
  }
};

const readTarget = (
  value: unknown,
  environment: Environment,
  path: Path,
  complain: Complain,
): TargetConfig | undefined => {
  if (!isRecord(value)) {
    complain(path, "must be a mapping with at least a url");
    return undefined;
  }
  const parsed = TargetSchema.safeParse(withSecrets(value, environment, path, complain));
  if (parsed.success) return completeTarget(parsed.data);
  complainOf(parsed.error.issues, path, "is no field of a target", complain);
  return undefined;
};

type Issues = NonNullable<ReturnType<typeof TargetSchema.safeParse>["error"]>["issues"];

/** `unknown`: the message for an unknown field. */
const complainOf = (issues: Issues, path: Path, unknown: string, complain: Complain): void => {
  for (const issue of issues) {
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    for (const key of keys) complain([...path, ...(issue.path as Path), key], unknown);
    if (keys.length === 0) complain([...path, ...(issue.path as Path)], issue.message);
  }
};

const readGroups = (value: unknown, complain: Complain): GroupWish[] => {
  if (!isRecord(value)) {
    complain(["groups"], "must be a mapping of groups; {} for none");
    return [];
  }
  return Object.entries(value).flatMap(([group, wanted]) => {
    const path = ["groups", group];
    if (!isName(group)) complain(path, `the group's name ${NAME_RULE}`);
    const parsed = GroupBodySchema.safeParse(wanted);
    if (parsed.success) return [{ group, config: groupRequest(parsed.data) }];
    complainOf(parsed.error.issues, path, "is no field of a group", complain);
    return [];
  });
};

const withSecrets = (
  value: Record<string, unknown>,
  environment: Environment,
  path: Path,
  complain: Complain,
): Record<string, unknown> => {
  const { headers } = value;
  if (!isRecord(headers)) return value;
  // Neither the schema nor the detector accepts this name for a header.
  if (Object.hasOwn(headers, "__proto__"))
    complain([...path, "headers", "__proto__"], "is no name for a header: give it another");
  const real = Object.entries(headers).map(([name, text]): [string, unknown] => {
    if (typeof text !== "string") return [name, text];
    const result = filled(text, environment);
    if ("text" in result) return [name, result.text];
    complain([...path, "headers", name], result.problem);
    return [name, ""];
  });
  return { ...value, headers: Object.fromEntries(real) };
};
