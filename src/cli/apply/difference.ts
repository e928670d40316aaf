import { masked, maskedHeaders } from "../../domain/secrets.ts";
import type { TargetAnswer, TargetConfig } from "../../domain/target.ts";

/** One field: its present and its wanted value as JSON; undefined where it is not set. Holds no secrets. */
export interface WantedChange {
  field: string;
  from: string | undefined;
  to: string | undefined;
}

type Fields = Map<string, string>;

/** Leaves by dotted name. A list is one leaf. An empty object has none. */
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

/** The differences, field by field. */
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
 * The changes that a PUT of `wanted` would make; with `current` undefined, all fields. Values that the answer masks, as those of headers,
 * count as equal, since they cannot be compared.
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
