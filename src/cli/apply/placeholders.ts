import { ownOf } from "../../domain/own.ts";
import type { Environment } from "../shared/arguments/flags.ts";

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;

/** A text with its `${NAME}`s filled in, or the complaint about one. A complaint never shows a variable's value. */
export const filled = (text: string, environment: Environment): { text: string } | { problem: string } => {
  let problem: string | undefined;
  const result = text.replaceAll(REFERENCE, (reference, name: string | undefined) => {
    if (reference === "$${") return "${";
    const value =
      /^[A-Za-z_]\w*$/.test(name ?? "") && reference.endsWith("}") ? ownOf(environment, name ?? "") : null;
    if (value === null) problem ??= `"${reference}" is no reference: write \${NAME}, or $\${ for a plain \${`;
    else if (!value) problem ??= `${name} is not set in the environment`;
    return value ?? "";
  });
  return problem === undefined ? { text: result } : { problem };
};
