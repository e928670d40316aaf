// This is plain JavaScript, so that a Node that is too old can run it.

/** The first that runs TypeScript as it is, as all programs here are written; wrangler needs 22. */
export const OLDEST = "22.18.0";

const numbersOf = (version) => version.replace(/^v/, "").split(".").map(Number);

/** Whether `version` comes before `other`, both like `22.18.0`. */
const isBefore = (version, other) => {
  const [left, right] = [numbersOf(version), numbersOf(other)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at !== -1 && left[at] < right[at];
};

/** Three lines for a user who runs `version` at `path`, and what to do; undefined if the version is new enough. */
export const refusalOf = (version, path) =>
  isBefore(version, OLDEST)
    ? `Building, testing and deploying Parallax needs Node ${OLDEST} or newer, and this is ${version} (${path}).
A newer one comes with the dependencies: npm ci, or npm rebuild node where that was run with --ignore-scripts.
Where that one does not run: install Node ${OLDEST} or newer yourself, and npm uninstall --no-save node.`
    : undefined;
