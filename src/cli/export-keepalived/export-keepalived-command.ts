import { Client } from "../../client/client.ts";
import { commandOf, EXIT_REFUSED } from "../command.ts";
import { keepFollowing, troubleTeller } from "../shared/detector/following.ts";
import { type Log, logToStderr } from "../shared/output/log.ts";
import { type KeepalivedWritten, KeepalivedFiles } from "./keepalived-files.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";

const EXIT_NOT_KEPT = 1;

const numberOf = (leave: boolean): number => (leave ? 1 : 0);

const once = async (keeper: KeepalivedFiles, { dir, places }: Settings): Promise<number> => {
  const { written, unsure, unknown, trouble, isUnwritten: failed, isRefused } = await keeper.keep();
  const said = written.map(({ name, leave }) => `, ${name} now ${numberOf(leave)}`).join("");
  const files = places.length === 1 ? "1 file" : `${places.length} files`;
  // Where files could not be written only those that were are named.
  const line = failed ? said.slice(2) : `${files} in ${dir}${said}`;
  if (line !== "") process.stdout.write(`${line}\n`);
  const whys = [
    ...(trouble === undefined ? [] : [trouble]),
    ...unknown.map((name) => `the detector knows no ${name}`),
    ...[...unsure.values()].map((line) => `nothing is known now: ${line}`),
  ];
  for (const why of whys) process.stderr.write(`parallax export-keepalived: ${why}; what was there stays\n`);
  return isRefused ? EXIT_REFUSED : whys.length > 0 ? EXIT_NOT_KEPT : 0;
};

/** Calls `tell` for each name that is new since the last call. */
const newlyIn = (tell: (name: string) => void): ((names: Iterable<string>) => void) => {
  let before = new Set<string>();
  return (names) => {
    const now = new Set(names);
    for (const name of now) if (!before.has(name)) tell(name);
    before = now;
  };
};

/** Logs what changes, and each trouble when it begins and ends. */
const teller = (log: Log, dir: string): ((kept: KeepalivedWritten) => void) => {
  const tellTrouble = troubleTeller(log, { dir });
  const consequence = "its file stays as it was";
  let unsure: KeepalivedWritten["unsure"] = new Map();
  const tellUnknown = newlyIn((target) => log("warn", "unknown-target", { target, consequence }));
  const tellUnsure = newlyIn((target) =>
    log("warn", "not-known", { target, line: unsure.get(target), consequence }),
  );
  return (kept) => {
    for (const { name, file, leave, line } of kept.written)
      log("info", "written", { target: name, file, value: numberOf(leave), line });
    tellTrouble(kept.trouble);
    // Without an answer, nothing is known to have changed.
    if (kept.trouble !== undefined) return;
    ({ unsure } = kept);
    tellUnknown(kept.unknown);
    tellUnsure(unsure.keys());
  };
};

const work = (settings: Settings): Promise<number> => {
  const { url, token, timeoutMs, everyMs, dir } = settings;
  const keeper = new KeepalivedFiles(new Client(url, token, timeoutMs), settings);
  if (everyMs === undefined) return once(keeper, settings);
  return keepFollowing({
    everyMs,
    turn: (stop) => keeper.keep(stop),
    tell: teller(logToStderr, dir),
    hasFailed: ({ trouble }) => trouble !== undefined,
  });
};

export const exportKeepalived = commandOf({
  name: "export-keepalived",
  summary: "keep files for keepalived's track_file",
  usage: USAGE,
  parse: parseSettings,
  work,
});
