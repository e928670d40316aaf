/** Signs that mean themselves in a regular expression, by themselves or after a backslash. */
const PLAIN = /^(?:[^.*+?()[\]{}|^$\\]|\\[^A-Za-z0-9])+$/s;

/** A text that every match of a regular expression holds, where it is plain to see; undefined else. */
export const literalOf = (pattern: string): string | undefined => {
  const core = pattern.replace(/^\^?(?:\.\*)?/, "").replace(/(?:\.\*)?\$?$/, "");
  return PLAIN.test(core) ? core.replaceAll(/\\(.)/gs, "$1") : undefined;
};
