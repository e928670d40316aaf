/** Whether the consumers can run here, and if not, what is missing. Installs nothing. */
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import type { Consumer } from "./consumer.ts";

/** Debian keeps some of the programs in directories that are only on root's path. */
export const PATH = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;

export interface Findings {
  platform: string;
  isRoot: boolean;
  isThere: (command: string) => boolean;
}

export const findOut = (): Findings => ({
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  isThere: (command) =>
    PATH.split(":").some((directory) => {
      try {
        accessSync(resolve(directory, command), constants.X_OK);
        return directory !== "";
      } catch {
        return false;
      }
    }),
});

/** Reasons why these consumers cannot run, a sentence a line, with what to do about it; empty if they can. */
export const reasonsAgainst = (
  consumers: readonly Pick<Consumer, "name" | "needs">[],
  { platform, isRoot, isThere }: Findings,
): string[] => {
  if (platform !== "linux") return [`they need Linux: all of 127.0.0.0/8; this is ${platform}`];
  const commands: Record<string, string> = { setpriv: "util-linux" };
  for (const { needs } of consumers) Object.assign(commands, needs.commands);
  const missing = Object.keys(commands).filter((command) => !isThere(command));
  const packages = [...new Set(missing.map((command) => commands[command] ?? command))];
  const forRoot = isRoot ? [] : consumers.filter(({ needs }) => needs.root).map(({ name }) => name);
  return [
    ...(missing.length === 0
      ? []
      : [`missing: ${missing.join(", ")}`, `install with: apt-get install ${packages.join(" ")}`]),
    ...(forRoot.length === 0 ? [] : [`run as root, or leave out with --only: ${forRoot.join(", ")}`]),
  ];
};
