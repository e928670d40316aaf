// `npm run build:cli`: the program as one file, of which a start of `check` or `gate` reads only what these need.
//
// The other parts follow in a comment, compressed, and are compiled when one of them is needed. Why, and what was rejected:
// docs/adr/0010-one-file-program.md.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node20",
  // `import "node:http"` evaluates all exports of the module, `fetch` and its dependencies among them; `require` does not.
  format: "cjs",
  supported: { "dynamic-import": false },
  legalComments: "none",
  write: false,
  metafile: true,
};

/** Makes a module of esbuild's code for `require`. Node before 20.16 has only the slower way. */
const AS_MODULE = `const require =
  process.getBuiltinModule ?? (await import("node:module")).createRequire(import.meta.url);
const __file = () => import.meta.url;`;

/** Leaves out the messages of schemas in fifty other languages. */
const withoutLanguages = {
  name: "without-languages",
  setup: (build) => {
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "" }));
  },
};

/** From an object that contains all of zod, esbuild can leave nothing out. From a namespace it keeps only what is named. */
const ofZodWhatIsNamed = {
  name: "of-zod-what-is-named",
  setup: (build) => {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        /^import \{ z \} from "zod";$/m,
        'import * as z from "zod";',
      ),
      loader: "ts",
    }));
  },
};

/** Replaces `rest.ts`: compiles the last line of the program. */
const UNPACKED = `
  const file = require("node:url").fileURLToPath(__file());
  const packed = require("node:fs").readFileSync(file, "latin1").split("\\n//").at(-1);
  const code = require("node:zlib").brotliDecompressSync(Buffer.from(packed, "base64")).toString();
  const run = require("node:vm").compileFunction(code, ["require", "module"], { filename: "parallax-rest.cjs" });
  run(require, module);
`;

const unpacking = {
  name: "unpacking",
  setup: (build) => {
    build.onResolve({ filter: /^\.\/rest\.ts$/ }, ({ path }) => ({ path, namespace: "packed" }));
    build.onLoad({ filter: /.*/, namespace: "packed" }, () => ({ contents: UNPACKED, resolveDir: ROOT }));
  },
};

/** The two parts as esbuild makes them: what each start reads, and the rest. */
const parts = async (logLevel) => {
  const rest = await build({
    ...SHARED,
    logLevel,
    minify: true,
    lineLimit: 120,
    entryPoints: ["src/cli/rest.ts"],
    alias: { yaml: "./node_modules/yaml/browser/index.js" },
    plugins: [withoutLanguages, ofZodWhatIsNamed],
  });
  const main = await build({
    ...SHARED,
    logLevel,
    entryPoints: ["src/cli/main.ts"],
    minify: true,
    banner: { js: AS_MODULE },
    plugins: [unpacking],
  });
  return {
    main: main.outputFiles[0]?.text ?? "",
    rest: rest.outputFiles[0]?.contents ?? new Uint8Array(),
    metafile: main.metafile,
  };
};

/**
 * The program's text. What it tells is of the part that each start reads. `known`: a program that was made before, which is given back where
 * it would be made again: to compress takes longer than all else.
 */
export const programText = async (logLevel = "warning", known) => {
  const { main, rest, metafile } = await parts(logLevel);
  const sum = createHash("sha256").update(main).update(rest).digest("hex");
  if (known?.sum === sum) return { ...known, metafile };
  return { text: `${main}//${brotliCompressSync(rest).toString("base64")}`, sum, metafile };
};

/** Writes the program. */
export const buildProgram = async (outfile, logLevel = "warning") => {
  const { text, metafile } = await programText(logLevel);
  await mkdir(dirname(outfile), { recursive: true });
  // By a rename: a process that starts it meanwhile gets the old one or the new one, whole.
  const draft = `${outfile}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o755 });
  await rename(draft, outfile);
  return metafile;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      outfile: { type: "string", default: "dist/parallax.mjs" },
      // As esbuild has it.
      "log-level": { type: "string", default: "warning" },
    },
  });
  await buildProgram(values.outfile, values["log-level"]);
}
