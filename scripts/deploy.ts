// `npm run deploy`: `wrangler deploy` with every flag passed through, unless what is to be deployed could not work, or, as
// the place of its objects, could never be mended.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { unstable_readConfig as readConfig } from "wrangler";

/** The deployment's own program, whose types belong to another platform: only the used parts are declared here. */
const program = new URL("../src/config.ts", import.meta.url).href;
const { parseConfig } = (await import(program)) as {
  parseConfig: (variables: object) => { problems: string[]; warnings: string[] };
};

const given = process.argv.slice(2);

/** `--var NAME:VALUE` in either of its spellings; the last value of a name counts. */
const varsIn = (args: readonly string[]): Record<string, string> => {
  const pairs = args.flatMap((arg, index) => {
    if (arg.startsWith("--var=")) return [arg.slice("--var=".length)];
    return args[index - 1] === "--var" ? [arg] : [];
  });
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)]),
  );
};

/** The secrets in the file of `--secrets-file`, in the formats that wrangler reads: `NAME=VALUE` lines, or JSON. */
const secretsIn = (args: readonly string[]): Record<string, string> => {
  const at = args.findIndex((arg) => /^--secrets-file(=|$)/.test(arg));
  const file = args[at]?.split("=", 2)[1] ?? args[at + 1];
  if (at === -1 || file === undefined || !existsSync(file)) return {};
  const text = readFileSync(file, "utf8");
  return text.trimStart().startsWith("{")
    ? (JSON.parse(text) as Record<string, string>)
    : (parseEnv(text) as Record<string, string>);
};

/** Replaces a secret that is set already: only `/healthz` can say whether its value will do. */
const SET = "set-as-a-secret-before";

/** One sentence for each wrong variable, and for each token in a file of secrets that can be guessed. */
const problemsNow = (): string[] => {
  const { vars } = readConfig({ config: join(import.meta.dirname, "../wrangler.toml") });
  const { problems, warnings } = parseConfig({
    ...vars,
    ...varsIn(given),
    ADMIN_TOKEN: SET,
    ...secretsIn(given),
  });
  return [...problems, ...warnings];
};

const problems = given.includes("--dry-run") ? [] : problemsNow();
if (problems.length > 0) {
  console.error(
    [
      "Not deployed. In wrangler.toml, by --var NAME:VALUE, or in the file of secrets:",
      ...problems.map((one) => `- ${one}`),
    ].join("\n"),
  );
  process.exit(1);
}

const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
const child = spawn(process.execPath, [join(wrangler, "bin/wrangler.js"), "deploy", ...given], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
