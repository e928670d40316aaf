import { spawnSync } from "node:child_process";

/** What a program says of its version, on whatever stream and with whatever exit code. */
export const versionOf = (command: string, args: readonly string[], pattern: RegExp): string => {
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return pattern.exec(`${stdout}\n${stderr}`)?.[0] ?? command;
};
