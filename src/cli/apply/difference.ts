import { masked, maskedHeaders } from "../../domain/secrets.ts";
import type { TargetAnswer, TargetConfig } from "../../domain/target.ts";

/** One field: as it is and as it is to be, as JSON; undefined where it is not set. Secrets are never in it. */
export interface WantedChange {
  field: string;
  from: string | undefined;
  to: string | undefined;
}

type Fields = Map<string, string>;

/** Leaves by dotted name. A list is one; so is nothing that is empty. */
export const fieldsOf = (value: object, prefix = ""): Fields => {
  const fields: Fields = new Map();
  for (const [name, each] of Object.entries(value) as [string, unknown][]) {
    if (each === undefined) continue;
    if (typeof each === "object" && each !== null && !Array.isArray(each))
      for (const [inner, text] of fieldsOf(each, `${prefix}${name}.`)) fields.set(inner, text);
    else fields.set(`${prefix}${name}`, JSON.stringify(each));
  }
  return fields;
};

/** What differs, field by field. */
export const differing = (from: Fields, to: Fields): WantedChange[] =>
  [...new Set([...to.keys(), ...from.keys()])]
    .filter((field) => from.get(field) !== to.get(field))
    .map((field) => ({ field, from: from.get(field), to: to.get(field) }));

const fieldsAs = (as: (config: TargetConfig) => TargetConfig, { paused, ...config }: TargetConfig): Fields =>
  fieldsOf({ ...as(config), ...(paused === true ? { paused } : {}) });

const configOf = ({
  site: _site,
  target: _target,
  createdAt: _createdAt,
  updatedAt: _updatedAt,
  warnings: _warnings,
  ...config
}: TargetAnswer): TargetConfig => config;

const NONE: Fields = new Map();

/**
 * What a PUT of `wanted` would change; of `current` undefined, all. What is masked in the answer, as the values of headers are, counts as
 * equal: nobody can tell.
 */
export const changesBetween = (current: TargetAnswer | undefined, wanted: TargetConfig): WantedChange[] => {
  const before = current === undefined ? undefined : configOf(current);
  const from = before === undefined ? NONE : fieldsAs((config) => config, before);
  const shownFrom = before === undefined ? NONE : fieldsAs(masked, before);
  const [to, shownTo] = [fieldsAs(maskedHeaders, wanted), fieldsAs(masked, wanted)];
  return [...new Set([...to.keys(), ...from.keys()])]
    .filter((field) => from.get(field) !== to.get(field) && (from.get(field) ?? "") !== shownTo.get(field))
    .map((field) => {
      const [old, anew] = [shownFrom.get(field), shownTo.get(field)];
      return old === anew ? { field, from: "as it is", to: "another" } : { field, from: old, to: anew };
    });
};
