import type { z } from "zod";
import { speakPlainly } from "../../domain/sentences.ts";
import { invalid, type ApiError, type FieldError } from "./api-error.ts";

speakPlainly();

type Issue = z.core.$ZodIssue;

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join(".");

/** A union fails in each of its branches. The branch whose issues lie below the root is the one that the sender meant, if there is one. */
const meantIn = (branches: Issue[][]): Issue[] | undefined =>
  branches.find((issues) => issues.some((issue) => issue.path.length > 0));

const errorsOf = (issue: Issue): FieldError[] => {
  const path = dotted(issue.path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: dotted([...issue.path, key]),
      message: "is not a field of this body: leave it out",
    }));
  const meant = issue.code === "invalid_union" ? meantIn(issue.errors) : undefined;
  if (meant !== undefined)
    return meant.flatMap((inner) => errorsOf({ ...inner, path: [...issue.path, ...inner.path] }));
  const isWhole = issue.code === "invalid_type" && path === "";
  return [{ path, message: isWhole ? "must be a JSON object" : issue.message }];
};

/** A schema's issues as a 400, each field named by its dotted path. */
export const schemaError = (error: z.core.$ZodError): ApiError => invalid(error.issues.flatMap(errorsOf));
