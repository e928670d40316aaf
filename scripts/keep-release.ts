// `npm run release:keep`: keeps the bundle of what is released now as the last release, against which the next one is
// tested: for some seconds after each deployment the two talk to each other.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const KEPT = new URL("../test/chain/release/index.js.gz", import.meta.url);
const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
const outdir = mkdtempSync(join(tmpdir(), "parallax-release-"));
try {
  const line = [join(wrangler, "bin/wrangler.js"), "deploy", "--dry-run", "--minify", "--outdir", outdir];
  const { status } = spawnSync(process.execPath, line, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error("the bundle could not be made");
  writeFileSync(KEPT, gzipSync(readFileSync(join(outdir, "index.js")), { level: 9 }));
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
