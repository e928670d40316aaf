import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const EXAMPLES = new URL("../../examples/", import.meta.url);

/** The path of an example's file, for examples that run unchanged. */
export const exampleFile = (name: string): string => fileURLToPath(new URL(name, EXAMPLES));

/**
 * An example's text with each `${NAME}` replaced: the only way in which the tested text differs from the shipped one. Throws for a
 * placeholder without a value, and for a value without a placeholder.
 */
export const fillIn = (text: string, values: Readonly<Record<string, string | number>>): string => {
  const unused = new Set(Object.keys(values));
  const filled = text.replaceAll(/\$\{([A-Z][A-Z0-9_]*)\}/g, (placeholder, name: string) => {
    unused.delete(name);
    const value = values[name];
    if (value === undefined) throw new Error(`nothing to put in place of ${placeholder}`);
    return String(value);
  });
  if (unused.size > 0) throw new Error(`no placeholder for ${[...unused].join(", ")}`);
  return filled;
};

/** The same from a file under examples/. */
export const fillExample = async (
  name: string,
  values: Readonly<Record<string, string | number>>,
): Promise<string> => fillIn(await readFile(exampleFile(name), "utf8"), values);
