/** Starts the lab's first process in its own parent, from the machine's own network. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ENVIRONMENT } from "./namespace.ts";
import { furnish, HOMES, parentLine } from "./parent.ts";
import { NAME_SERVER } from "./topology.ts";

const STOPPED_BY = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Resolves to the outcome that the script sent over IPC, once it has ended; undefined if it sent none. */
export const runInside = async <Outcome>(script: URL, options: unknown): Promise<Outcome | undefined> => {
  const shell = `${furnish(NAME_SERVER)}\nexec "$0" "$@"`;
  const inner = [process.execPath, "--no-warnings", fileURLToPath(script), JSON.stringify(options)];
  const [command = "", ...line] = [...parentLine(), "sh", "-c", shell, ...inner];
  const child = spawn(command, line, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...ENVIRONMENT, ...HOMES },
  });
  let outcome: Outcome | undefined;
  child.on("message", (word: Outcome) => {
    outcome = word;
  });
  for (const [signal, code] of Object.entries(STOPPED_BY))
    process.on(signal, () => {
      child.kill("SIGKILL");
      process.exit(code);
    });
  await once(child, "exit");
  return outcome;
};
