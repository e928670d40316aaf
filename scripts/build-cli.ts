// `npm run build:cli`: the program as one file, of which a start of `check` or `gate` reads only what these need.
//
// V8 scans every function of a module before it runs a line of it, which for all of our commands takes longer than a bare
// start of Node. So the others stand behind that in a comment, compressed, and are compiled when one of them is asked for.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node20",
  // `import "node:http"` reads all that the module exports, `fetch` and what it brings among it; `require` does not.
  format: "cjs",
  supported: { "dynamic-import": false },
  legalComments: "none",
  write: false,
  metafile: true,
} as const satisfies BuildOptions;

/** Makes a module of what esbuild writes for `require`. Node before 20.16 has only the slower way to the same. */
const AS_MODULE = `const require =
  process.getBuiltinModule ?? (await import("node:module")).createRequire(import.meta.url);
const __file = () => import.meta.url;`;

/** What schemas would say in fifty other languages. */
const withoutLanguages: Plugin = {
  name: "without-languages",
  setup: (build) => {
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "" }));
  },
};

/** In the place of `rest.ts`: compiles what stands in the last line of the program. */
const UNPACKED = `
  const file = require("node:url").fileURLToPath(__file());
  const packed = require("node:fs").readFileSync(file, "latin1").split("\\n//").at(-1);
  const code = require("node:zlib").brotliDecompressSync(Buffer.from(packed, "base64")).toString();
  const run = require("node:vm").compileFunction(code, ["require", "module"], { filename: "parallax-rest.cjs" });
  run(require, module);
`;

const unpacking: Plugin = {
  name: "unpacking",
  setup: (build) => {
    build.onResolve({ filter: /^\.\/rest\.ts$/ }, ({ path }) => ({ path, namespace: "packed" }));
    build.onLoad({ filter: /.*/, namespace: "packed" }, () => ({ contents: UNPACKED, resolveDir: ROOT }));
  },
};

/** Writes the program. What it tells is of the part that each start reads. */
export const buildProgram = async (
  outfile: string,
  logLevel: NonNullable<BuildOptions["logLevel"]> = "warning",
): Promise<Metafile> => {
  const rest = await build({
    ...SHARED,
    logLevel,
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 120,
    entryPoints: ["src/cli/rest.ts"],
    alias: { yaml: "./node_modules/yaml/browser/index.js" },
    plugins: [withoutLanguages],
  });
  const main = await build({
    ...SHARED,
    logLevel,
    entryPoints: ["src/cli/main.ts"],
    minify: true,
    banner: { js: AS_MODULE },
    plugins: [unpacking],
  });
  const packed = brotliCompressSync(rest.outputFiles[0]?.contents ?? "").toString("base64");
  await mkdir(dirname(outfile), { recursive: true });
  // By a rename: who starts it meanwhile gets the old one or the new one, whole.
  const draft = `${outfile}.${process.pid}`;
  await writeFile(draft, `${main.outputFiles[0]?.text}//${packed}`, { mode: 0o755 });
  await rename(draft, outfile);
  return main.metafile;
};

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      outfile: { type: "string", default: "dist/parallax.mjs" },
      // As esbuild has it.
      "log-level": { type: "string", default: "warning" },
    },
  });
  await buildProgram(values.outfile, values["log-level"] as BuildOptions["logLevel"]);
}
