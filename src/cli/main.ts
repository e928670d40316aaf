#!/usr/bin/env node
import { agent } from "./agent/agent.ts";
import { apply } from "./apply/apply.ts";
import { check } from "./check/check.ts";
import { type Command, EXIT_USAGE } from "./command.ts";
import { exportGdnsd } from "./export-gdnsd/export-gdnsd.ts";
import { exportKeepalived } from "./export-keepalived/export-keepalived.ts";
import { gate } from "./gate/gate.ts";
import { haproxyAgent } from "./haproxy-agent/haproxy-agent.ts";
import { vantage } from "./vantage/vantage.ts";
import { watch } from "./watch/watch.ts";
import { VERSION } from "./version.ts";

const COMMANDS: Record<string, Command> = {
  vantage,
  agent,
  check,
  gate,
  "haproxy-agent": haproxyAgent,
  "export-gdnsd": exportGdnsd,
  "export-keepalived": exportKeepalived,
  apply,
  watch,
};

const usage = (): string => {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(19)}${summary}`);
  return `Usage: parallax <command> [options]

Commands:
${lines.join("\n")}

parallax <command> --help says what a command takes. parallax --version tells the version.
`;
};

const run = async ([name, ...args]: string[]): Promise<number> => {
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(usage());
    return 0;
  }
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(name === undefined ? usage() : `parallax: unknown command "${name}"\n\n${usage()}`);
    return EXIT_USAGE;
  }
  // After `--` the words are somebody else's.
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.includes("--help") || own.includes("-h")) {
    process.stdout.write(command.usage);
    return 0;
  }
  return command.run(args);
};

// Whoever read the log may have gone: no reason to go too.
process.stderr.on("error", () => undefined);
process.stdout.on("error", () => undefined);
process.exit(await run(process.argv.slice(2)));
