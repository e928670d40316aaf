import type { Place } from "../../client/client.ts";
import { isName, NAME_RULE } from "../../domain/name.ts";
import { speakPlainly } from "../../domain/sentences.ts";
import { completeTarget, type TargetConfig, TargetSchema } from "../../domain/target.ts";
import { type Flaw, type Path, readDocument } from "../document/document.ts";
import type { Environment } from "../flags.ts";
import { filled } from "./secrets.ts";

speakPlainly();

/** A target as the file wants it, headers with their real values. */
export interface Wish {
  place: Place;
  config: TargetConfig;
}

/** What a file says: `sites` also names those of which it wants no target. */
export interface Wishes {
  sites: string[];
  targets: Wish[];
}

type Complain = (path: Path, message: string) => void;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a file of targets. All that is wrong with it is told at once. */
export const wishesIn = (text: string, environment: Environment): Wishes | Flaw[] => {
  const document = readDocument(text);
  if (Array.isArray(document)) return document;
  const flaws: Flaw[] = [];
  const complain: Complain = (path, message) => {
    flaws.push({ line: document.lineOf(path), field: path.join("."), message });
  };
  const wishes = read(document.value, environment, complain);
  return flaws.length > 0 ? flaws : wishes;
};

const read = (value: unknown, environment: Environment, complain: Complain): Wishes => {
  const wishes: Wishes = { sites: [], targets: [] };
  if (!isRecord(value) || !isRecord(value["sites"])) {
    complain(["sites"], "must be a mapping of sites, each a mapping of its targets");
    return wishes;
  }
  for (const key of Object.keys(value)) if (key !== "sites") complain([key], "is no field of this file");
  for (const [site, targets] of Object.entries(value["sites"])) {
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
  return wishes;
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
  for (const issue of parsed.error.issues) {
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    for (const key of keys) complain([...path, ...(issue.path as Path), key], "is no field of a target");
    if (keys.length === 0) complain([...path, ...(issue.path as Path)], issue.message);
  }
  return undefined;
};

const withSecrets = (
  value: Record<string, unknown>,
  environment: Environment,
  path: Path,
  complain: Complain,
): Record<string, unknown> => {
  const { headers } = value;
  if (!isRecord(headers)) return value;
  // Neither the schema nor the detector takes it for a header.
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
