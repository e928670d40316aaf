import { masked } from "../../domain/secrets.ts";
import type { TargetAnswer, TargetConfig } from "../../domain/target.ts";

/** One field: as it is and as it is to be, as JSON; undefined where it is not set. Secrets are never in it. */
export interface Change {
  field: string;
  from: string | undefined;
  to: string | undefined;
}

type Fields = Map<string, string>;

/** Leaves by dotted name. A list is one; so is nothing that is empty. */
const fieldsOf = (value: object, prefix = ""): Fields => {
  const fields: Fields = new Map();
  for (const [name, each] of Object.entries(value) as [string, unknown][]) {
    if (each === undefined) continue;
    if (typeof each === "object" && each !== null && !Array.isArray(each))
      for (const [inner, text] of fieldsOf(each, `${prefix}${name}.`)) fields.set(inner, text);
    else fields.set(`${prefix}${name}`, JSON.stringify(each));
  }
  return fields;
};

const shownFields = ({ paused, ...config }: TargetConfig): Fields =>
  fieldsOf({ ...masked(config), ...(paused === true ? { paused } : {}) });

const configOf = ({
  site: _site,
  target: _target,
  createdAt: _createdAt,
  updatedAt: _updatedAt,
  warnings: _warnings,
  ...config
}: TargetAnswer): TargetConfig => config;

/** What a PUT of `wanted` would change; of `current` undefined, all. Two masked values count as equal. */
export const changesBetween = (current: TargetAnswer | undefined, wanted: TargetConfig): Change[] => {
  const from = current === undefined ? new Map<string, string>() : shownFields(configOf(current));
  const to = shownFields(wanted);
  return [...new Set([...to.keys(), ...from.keys()])]
    .filter((field) => from.get(field) !== to.get(field))
    .map((field) => ({ field, from: from.get(field), to: to.get(field) }));
};
