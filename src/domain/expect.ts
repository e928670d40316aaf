/** Checks what is expected of a target against what its kind can answer. */
import { z } from "zod";
import type { Endpoint } from "./address.ts";
import {
  anyOf,
  type Expect,
  type ExpectFlaw,
  probeKindOf,
  PROBE_KINDS,
  type Scheme,
  SCHEMES,
} from "./kinds.ts";
import { ownOf } from "./own.ts";

const isObject = (value: unknown): value is Expect =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Accepts any object, since the allowed fields depend on the target's URL: `expectFlaws` checks them. In the document it is the union of
 * what the kinds may be expected to answer.
 */
export const ExpectSchema = z.custom<Expect>(isObject, "must be an object").meta({
  type: "object",
  anyOf: [...new Set(SCHEMES.map((scheme) => PROBE_KINDS[scheme].expect))].map((schema) =>
    // The document names its JSON Schema version once, at its top.
    Object.fromEntries(Object.entries(z.toJSONSchema(schema)).filter(([key]) => key !== "$schema")),
  ),
  description: "By the scheme of `url`: docs/probes.md has the fields of each",
});

const fieldsOf = (scheme: Scheme): string[] => Object.keys(probeKindOf(scheme).expect.shape);

const strange = (scheme: Scheme, field: string): string => {
  const reason = ownOf(probeKindOf(scheme).cannot, field);
  if (reason !== undefined) return `cannot be asked of a ${scheme} target: ${reason}`;
  const able = SCHEMES.filter((each) => fieldsOf(each).includes(field));
  const own = `a ${scheme} target has ${anyOf(fieldsOf(scheme)) || "none"}`;
  return able.length === 0
    ? `is not a field of expect; ${own}`
    : `is for ${anyOf(able)} targets only; ${own}`;
};

/** What a target at this URL cannot be expected to answer; empty if nothing is wrong. */
export const expectFlaws = (
  { scheme, href }: Pick<Endpoint, "scheme" | "href">,
  expect: unknown,
): ExpectFlaw[] => {
  const { expect: schema, beside } = probeKindOf(scheme);
  const { error, data } = schema.safeParse(expect);
  if (error === undefined) return beside?.(href, data as never) ?? [];
  return error.issues.flatMap((issue): ExpectFlaw[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: strange(scheme, key) }))
      : [{ path: issue.path, message: issue.message }],
  );
};
