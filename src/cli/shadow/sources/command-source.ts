import { execFile } from "node:child_process";
import type { Place } from "../../../client/paths.ts";
import { nameOf } from "../../shared/arguments/place.ts";
import type { Named, Poll } from "./checker-source.ts";

/** A check that takes longer counts as neither up nor down. */
const LIMIT_MS = 10_000;
/** The exit statuses of Nagios' plugins: OK and WARNING count as up, UNKNOWN as neither. */
const NAGIOS: Readonly<Record<number, boolean>> = { 0: true, 1: true, 2: false };
/** The exit statuses of a shell for a command that it could not run. */
const NOT_RUN: readonly number[] = [126, 127];

const upOf = (code: number, isNagios: boolean): boolean | null => {
  if (isNagios) return NAGIOS[code] ?? null;
  return NOT_RUN.includes(code) ? null : code === 0;
};

/** The command to run, and how its exit status is read. */
export interface CommandLine {
  words: readonly string[];
  isNagios: boolean;
}

const run = (
  { words: [file = "", ...args], isNagios }: CommandLine,
  place: Place,
  stop: AbortSignal,
): Promise<boolean | null> =>
  new Promise((resolve, reject) => {
    const { site, target } = place;
    const filled = args.map((arg) => arg.replaceAll("{site}", site).replaceAll("{target}", target));
    const options = { timeout: LIMIT_MS, killSignal: "SIGKILL", signal: stop, maxBuffer: 1_048_576 } as const;
    execFile(file, filled, options, (error) => {
      if (error === null) return resolve(upOf(0, isNagios));
      const { code } = error;
      if (code === "ENOENT" || code === "EACCES") return reject(new Error(`${file}: ${code}`));
      // Without a code the command was killed, by its time limit or from outside.
      resolve(typeof code === "number" ? upOf(code, isNagios) : null);
    });
  });

/** A command's exit status, once for each target: 0 is up. A command that cannot run or is killed counts as neither. */
export const command =
  (line: CommandLine, places: readonly Place[]): Poll =>
  async (stop) =>
    Promise.all(
      places.map(async (place): Promise<Named> => ({
        name: nameOf(place),
        ...place,
        up: await run(line, place, stop),
      })),
    );
