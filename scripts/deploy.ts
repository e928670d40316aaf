// `npm run deploy`: `wrangler deploy` with every flag passed through, unless what is to be deployed could not work, or, as
// the place of its objects, could never be mended.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { unstable_readConfig as readConfig } from "wrangler";

/** The deployment's own program, whose types are of another platform: only what is used of it is named here. */
const program = new URL("../src/config.ts", import.meta.url).href;
const { parseConfig } = (await import(program)) as {
  parseConfig: (variables: object) => { problems: string[] };
};

const given = process.argv.slice(2);

/** `--var NAME:VALUE` in either of its spellings; the last of a name holds. */
const varsIn = (args: readonly string[]): Record<string, string> => {
  const pairs = args.flatMap((arg, index) => {
    if (arg.startsWith("--var=")) return [arg.slice("--var=".length)];
    return args[index - 1] === "--var" ? [arg] : [];
  });
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)]),
  );
};

/** One sentence for each variable that is wrong. Secrets are not in the file, and are named by `/healthz`. */
const problemsNow = (): string[] => {
  const { vars } = readConfig({ config: join(import.meta.dirname, "../wrangler.toml") });
  const variables = { ...vars, ...varsIn(given), ADMIN_TOKEN: "set-as-a-secret" };
  return parseConfig(variables).problems;
};

const problems = given.includes("--dry-run") ? [] : problemsNow();
if (problems.length > 0) {
  console.error(
    ["Not deployed. In wrangler.toml, or by --var NAME:VALUE:", ...problems.map((one) => `- ${one}`)].join(
      "\n",
    ),
  );
  process.exit(1);
}

const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
const child = spawn(process.execPath, [join(wrangler, "bin/wrangler.js"), "deploy", ...given], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
