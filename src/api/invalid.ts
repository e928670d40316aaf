import type { z } from "zod";
import { invalid, type ApiError, type FieldError } from "./problem.ts";

type Issue = z.core.$ZodIssue;

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join(".");

/** A missing field reads better as missing than as an undefined of the wrong type. */
const sentenceOf = (issue: Issue, path: string): string => {
  if (issue.code === "invalid_type" && path === "") return "must be a JSON object";
  const missing = /^Invalid input: expected (.+), received undefined$/.exec(issue.message)?.[1];
  return missing === undefined ? issue.message : `is required: ${missing}`;
};

/**
 * A union fails in each of its branches. The branch that got past the root is the one meant;
 * where none did, all alternatives are told.
 */
const unionErrors = (branches: Issue[][], path: readonly PropertyKey[]): FieldError[] => {
  const meant = branches.find((issues) => issues.some((issue) => issue.path.length > 0));
  if (meant !== undefined)
    return meant.flatMap((issue) => errorsOf({ ...issue, path: [...path, ...issue.path] }));
  const alternatives = branches.flatMap((issues) => issues.map((issue) => issue.message));
  return [{ path: dotted(path), message: alternatives.join("; or: ") }];
};

const errorsOf = (issue: Issue): FieldError[] => {
  const path = dotted(issue.path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: dotted([...issue.path, key]),
      message: "is not a field of this body",
    }));
  if (issue.code === "invalid_union" && issue.errors.length > 0) return unionErrors(issue.errors, issue.path);
  return [{ path, message: sentenceOf(issue, path) }];
};

/** A schema's complaint as a 400, each field named by its dotted path. */
export const schemaError = (error: z.core.$ZodError): ApiError => invalid(error.issues.flatMap(errorsOf));
