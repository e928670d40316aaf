import { spawn } from "node:child_process";
import { once } from "node:events";
import { ENVIRONMENT } from "./namespace.ts";
import { furnish, HOMES, parentLine } from "./parent.ts";
import { NAME_SERVER } from "./topology.ts";

/** Runs a script as the first process of a lab's own parent, with its options as JSON; returns what it told last, if anything. */
export const launch = async <T>(script: string, options: object): Promise<T | undefined> => {
  const words = `${furnish(NAME_SERVER)}\nexec "$0" "$@"`;
  const [command, ...line] = [...parentLine(), "sh", "-c", words, process.execPath, "--no-warnings", script];
  const child = spawn(command, [...line, JSON.stringify(options)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...ENVIRONMENT, ...HOMES },
  });
  let told: T | undefined;
  child.on("message", (word: T) => {
    told = word;
  });
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
    process.on(signal, () => {
      child.kill("SIGKILL");
      process.exit(code);
    });
  await once(child, "exit");
  return told;
};
