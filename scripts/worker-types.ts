/**
 * `npm run types:generate` writes the types of the Worker's variables and bindings, as `wrangler.toml` has them, into
 * worker-configuration.d.ts, which is committed; with `--check` it fails where the file was stale. The types of the runtime
 * are a package's (@cloudflare/workers-types).
 *
 * Rejected: `wrangler types --check`. It compares a hash in the header, so a file edited by hand passes, and it advises a
 * command that writes 600 KB.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const FILE = join(ROOT, "worker-configuration.d.ts");

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** What wrangler writes. It is given an empty file of secrets: those of a `.dev.vars` on this machine are not the project's. */
const generate = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "parallax-types-"));
  try {
    const empty = join(directory, "empty.env");
    writeFileSync(empty, "");
    const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
    const line = ["types", "--strict-vars=false", "--include-runtime=false", `--env-file=${empty}`];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(wrangler, "bin/wrangler.js"), ...line],
      {
        cwd: ROOT,
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(`wrangler types failed:\n${stdout}${stderr}`);
    return textOf(FILE).replace(` --env-file=${empty}`, "");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const before = textOf(FILE);
const after = generate();
writeFileSync(FILE, after);
if (values.check && after !== before) {
  console.error("worker-configuration.d.ts did not fit wrangler.toml. It has been written anew: commit it.");
  process.exitCode = 1;
}
