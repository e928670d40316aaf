import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../scripts/until.ts";
import { Daemon } from "./daemon.ts";
import type { Door } from "./faults.ts";
import type { World } from "./world.ts";

const READY_WITHIN_MS = 10_000;

/** A token of scope read in a file under `dir`, which is created. */
export const tokenIn = async (dir: string, { readToken }: Pick<World, "readToken">): Promise<string> => {
  await mkdir(dir, { recursive: true });
  const file = join(dir, "read.token");
  await writeFile(file, `${readToken}\n`, { mode: 0o600 });
  return file;
};

/** The command line of a long-lived command of ours. */
export const programLine = (
  world: Pick<World, "program">,
  door: Door,
  token: string,
  words: readonly string[],
): string[] => [process.execPath, world.program, ...words, "--url", door.url, "--token-file", token];

/** `parallax export-…`: once, so that its files exist before their reader starts; then every two seconds. */
export const startExporter = async (
  world: World,
  door: Door,
  dir: string,
  words: readonly string[],
): Promise<Daemon> => {
  const line = programLine(world, door, await tokenIn(dir, world), words);
  const name = `parallax ${words[0]}`;
  const once = new Daemon(name, line);
  await until(() => once.hasEnded, { withinMs: READY_WITHIN_MS, explain: () => once.log });
  return new Daemon(name, [...line, "--every-ms", "2000"]);
};
