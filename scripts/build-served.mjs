// Builds what the detector serves besides answers: each a module in dist/served whose default export is the text that is
// sent, so that whatever bundles the Worker takes it in as any other module, as `#served/page`. None of it is committed.
//
// wrangler runs this file before it bundles (`[build]` in wrangler.toml), vitest.config.ts and scripts/bundle-worker.ts
// call it. It takes any Node from 20 on, since wrangler runs the one it finds.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { programText } from "./build-cli.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "dist/served");

/** Hono draws the page's parts on the server and Preact does in the browser: the same files, with another way to make elements. */
const IN_A_BROWSER = { "hono/jsx/jsx-runtime": "preact/jsx-runtime", "hono/jsx": "preact" };

/** Writes only changed files, each at once and whole: other programs may be reading them, and wrangler watches them. */
const write = async (name, text) => {
  const file = join(OUT, `${name}.js`);
  const code = `export default ${JSON.stringify(text)};\n`;
  if ((await readFile(file, "utf8").catch(() => "")) === code) return;
  await mkdir(OUT, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, file);
};

/** A script for browsers, with esbuild's report on its parts. */
const buildScript = async (entry) => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    alias: IN_A_BROWSER,
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  return { text: outputFiles[0]?.text ?? "", metafile };
};

/** The script of the page. */
export const buildPage = () => buildScript("src/dashboard/live/main.tsx");

/** The file that the page loads when a user asks for the past: the judge. */
export const buildReplay = () => buildScript("src/dashboard/replay/recording.ts");

/** The command line, as one file for Node, and a checksum that shows whether it has changed. */
const writeProgram = async () => {
  const [text, sum] = await Promise.all(
    [join(OUT, "cli.js"), join(OUT, "cli.sum")].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  const known = text === "" ? undefined : { text, sum };
  const made = await programText("warning", known);
  if (made.text === text) return;
  await write("cli", made.text);
  await writeFile(join(OUT, "cli.sum"), made.sum);
};

/** Builds all served files. */
export const buildServed = async () => {
  await writeProgram();
  await write("page", (await buildPage()).text);
  await write("replay", (await buildReplay()).text);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildServed();
