/** Characters that stand for themselves in a regular expression, alone or after a backslash. */
const PLAIN = /^(?:[^.*+?()[\]{}|^$\\]|\\[^A-Za-z0-9])+$/s;

/** A text that every match of a regular expression contains, where that is obvious; otherwise undefined. */
export const literalOf = (pattern: string): string | undefined => {
  const core = pattern.replace(/^\^?(?:\.\*)?/, "").replace(/(?:\.\*)?\$?$/, "");
  return PLAIN.test(core) ? core.replaceAll(/\\(.)/gs, "$1") : undefined;
};
