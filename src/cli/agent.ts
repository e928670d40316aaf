import { speakBeside } from "./agent-beside.ts";
import { runChild } from "./agent-exec.ts";
import { EXIT_USAGE, type Command } from "./command.ts";
import { logToStderr } from "./log.ts";
import { parseSettings } from "./agent-settings.ts";

const usage = `Usage: parallax agent --site S --target T [options] --exec -- CMD [ARGS…]
       parallax agent --site S --target T [options] --pid-file FILE | --pid N
       parallax agent --site S --target T [options]

With --exec it runs CMD and says when it starts, lives, stops and crashes. With --pid-file or --pid
it watches a process that something else supervises. With neither it sends heartbeats for the host alone.

  --url URL           of the detector (or PARALLAX_URL)
  --token-file FILE   that holds the target's notify token (or PARALLAX_TOKEN)
  --every-ms N        between heartbeats, 1000 to 3600000 (10000)
  --boot-id ID        of this run (a random one; under systemd INVOCATION_ID)
  --state DIR         where an undelivered end is kept for the next start (or STATE_DIRECTORY)
  --restarting        a crash notice says that a supervisor starts it again
  --ok-codes LIST     exit codes of an orderly end (0,143)

Exits with CMD's code (128 plus the number of the signal that ended it), 127 when CMD is not found and
126 when it cannot be executed. Without --exec: 0 when a signal or the end of --pid N ended it, 1 when
there is no process N, 3 when the token is refused. 2 for bad arguments.
`;

const run = async (args: string[]): Promise<number> => {
  const settings = parseSettings(args, process.env);
  if (typeof settings === "string") {
    process.stderr.write(`parallax agent: ${settings}\n\n${usage}`);
    return EXIT_USAGE;
  }
  const { charge } = settings;
  return charge.kind === "exec"
    ? runChild(settings, charge, logToStderr)
    : speakBeside(settings, charge, logToStderr);
};

/** A node's own word: heartbeats while its process lives, a notice when it ends. */
export const agent: Command = {
  summary: "speak for a node: heartbeats, and a notice when it crashes",
  usage,
  run,
};
