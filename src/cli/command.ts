/** One command of the program. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** What `--help` prints. */
  usage: string;
  /** Runs to its end and resolves with the exit code. */
  run: (args: string[]) => Promise<number>;
}

/** The exit code for arguments that are wrong. */
export const EXIT_USAGE = 2;
