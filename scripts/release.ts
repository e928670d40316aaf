/**
 * `npm version X.Y.Z` runs this once npm has put the number into package.json, where alone it is decided: it writes the number where
 * programs read it, stages both, and gives what stands under "Unreleased" in the changelog that number and today's date.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const UNRELEASED = "## [Unreleased]";

/** The program's number, as neither the Worker nor the one-file program can read package.json. */
export const versionModule = (version: string): string =>
  `/** As in package.json: \`npm version\` writes it, and a test checks it. */\nexport const VERSION = "${version}";\n`;

/** The changelog with a section of its own for the changes that were unreleased. */
export const released = (changelog: string, version: string, date: string): string => {
  const [before, after] = changelog.split(`${UNRELEASED}\n`);
  if (before === undefined || after === undefined)
    throw new Error(`CHANGELOG.md has no line "${UNRELEASED}": put one above the newest release`);
  const waiting = after.split(/^## \[/m)[0] ?? "";
  if (!/^- /m.test(waiting))
    throw new Error(`CHANGELOG.md has nothing under "${UNRELEASED}": say there what this release changes`);
  return `${before}${UNRELEASED}\n\n## [${version}] - ${date}\n${after}`;
};

if (process.argv[1] === import.meta.filename) {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const file = join(ROOT, "CHANGELOG.md");
  writeFileSync(file, released(readFileSync(file, "utf8"), version, new Date().toISOString().slice(0, 10)));
  writeFileSync(join(ROOT, "src/domain/version.ts"), versionModule(version));
  // npm commits and tags what is staged.
  const { status } = spawnSync("git", ["add", "CHANGELOG.md", "src/domain/version.ts"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
