import { streamOf } from "./shared/output/print.ts";

/** One command of the program. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** What `--help` prints. */
  usage: string;
  /** Runs to its end and resolves with the exit code. */
  run: (args: string[]) => Promise<number>;
}

/** Arguments are wrong, or name something that cannot be used. */
export const EXIT_USAGE = 2;
/** The detector refuses the token. */
export const EXIT_REFUSED = 3;

interface Parts<Settings> extends Pick<Command, "summary" | "usage"> {
  name: string;
  /** Settings, or what is wrong with the arguments, naming the flag. */
  parse: (args: string[], environment: NodeJS.ProcessEnv) => Settings | string;
  work: (settings: Settings) => Promise<number>;
  /** The exit code for wrong arguments, where the calling program gives `EXIT_USAGE` another meaning. */
  misused?: (args: string[], problem: string) => number;
}

/** A command that parses its arguments and works, or prints what is wrong with them and its usage. */
export const commandOf = <Settings extends object>(parts: Parts<Settings>): Command => {
  const { name, summary, usage, parse, work, misused = () => EXIT_USAGE } = parts;
  const run: Command["run"] = async (args) => {
    const settings = parse(args, process.env);
    if (typeof settings !== "string") return work(settings);
    streamOf("stderr").write(`parallax ${name}: ${settings}\n\n${usage}`);
    return misused(args, settings);
  };
  return { summary, usage, run };
};
