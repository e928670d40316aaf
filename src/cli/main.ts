#!/usr/bin/env node
import { checkCommand } from "./check/check-command.ts";
import { type Command, EXIT_USAGE } from "./command.ts";
import { gate } from "./gate/gate-command.ts";
import { print, streamOf } from "./shared/output/print.ts";
import { VERSION } from "../domain/version.ts";

/** Other programs start `check` and `gate` anew for each question, so only these are loaded here, without other commands or packages. */
const rest = () => {
  streamOf("stdout");
  streamOf("stderr");
  return import("./rest.ts");
};
const COMMANDS: Record<string, () => Promise<Command>> = {
  vantage: async () => (await rest()).vantage,
  agent: async () => (await rest()).agent,
  check: async () => checkCommand,
  gate: async () => gate,
  "haproxy-agent": async () => (await rest()).haproxyAgent,
  "export-gdnsd": async () => (await rest()).exportGdnsd,
  "export-keepalived": async () => (await rest()).exportKeepalived,
  group: async () => (await rest()).group,
  join: async () => (await rest()).join,
  apply: async () => (await rest()).apply,
  import: async () => (await rest()).importing,
  watch: async () => (await rest()).watchCommand,
  shadow: async () => (await rest()).shadow,
  replay: async () => (await rest()).replay,
};
/** Commands that the program itself starts. No list shows them. */
const OWN: Record<string, () => Promise<Command>> = {
  "agent-guard": async () => (await rest()).agentGuard,
};

const usage = async (): Promise<string> => {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 2;
  const lines: string[] = [];
  for (const [name, load] of Object.entries(COMMANDS))
    lines.push(`  ${name.padEnd(width)}${(await load()).summary}`);
  return `Usage: parallax <command> [options]

Commands:
${lines.join("\n")}

A detector serves this program, and "parallax" stands for it: curl -fsSO https://DETECTOR/cli.mjs && node cli.mjs --help
parallax <command> --help says what a command takes. parallax --version tells the version.
`;
};

const run = async ([name, ...args]: string[]): Promise<number> => {
  if (name === "--version" || name === "-v") {
    print(`${VERSION}\n`);
    return 0;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    print(await usage());
    return 0;
  }
  const all = { ...COMMANDS, ...OWN };
  const load = name !== undefined && Object.hasOwn(all, name) ? all[name] : undefined;
  if (load === undefined) {
    const known = await usage();
    streamOf("stderr").write(name === undefined ? known : `parallax: unknown command "${name}"\n\n${known}`);
    return EXIT_USAGE;
  }
  const command = await load();
  // Words after `--` belong to another command.
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.includes("--help") || own.includes("-h")) {
    print(command.usage);
    return 0;
  }
  return command.run(args);
};

void run(process.argv.slice(2)).then((code) => process.exit(code));
