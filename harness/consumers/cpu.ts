/** How much processor time processes have used, by Linux' own count. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { childrenOf } from "./offspring.ts";

/** The kernel reports to programs in hundredths of a second, whatever its own tick is: time(7). */
const TICKS_A_SECOND = 100;
/** Fields of /proc/PID/stat after the name: proc(5). */
const [USER, SYSTEM, ENDED_USER, ENDED_SYSTEM] = [11, 12, 13, 14];

/** Seconds that a process has used itself, and those of its children that it has seen end. */
interface Spent {
  own: number;
  ended: number;
}

export const spentIn = (stat: string): Spent => {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const seconds = (...indexes: number[]): number =>
    indexes.reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_A_SECOND;
  return { own: seconds(USER, SYSTEM), ended: seconds(ENDED_USER, ENDED_SYSTEM) };
};

const treeOf = async (pid: number): Promise<number[]> => {
  const children = await childrenOf(pid).catch(() => []);
  return [pid, ...(await Promise.all(children.map(treeOf))).flat()];
};

const statOf = (pid: number): Promise<Spent | undefined> =>
  readFile(`/proc/${pid}/stat`, "utf8").then(spentIn, () => undefined);

/** CPU seconds of a process and all processes it has started, ended or not. */
export const cpuOf = async (pid: number | undefined): Promise<number> => {
  const spent = await Promise.all((await treeOf(pid ?? 0)).map(statOf));
  return spent.reduce((sum, one) => sum + (one === undefined ? 0 : one.own + one.ended), 0);
};

/** A process's name in a list: of Node's the script and its command, otherwise the program. */
export const nameIn = (words: readonly string[]): string => {
  const [program = "", ...rest] = words;
  if (basename(program) !== "node") return basename(program.split(" ")[0] ?? "");
  const [script = "", command = ""] = rest.filter((word) => !word.startsWith("-"));
  return [basename(script), /^[a-z-]+$/.test(command) ? command : ""].join(" ").trim();
};

/** CPU seconds by program, of this process and all below it, the greatest first. `started by …`: processes that have ended. */
export const cpuByProgram = async (root = process.pid): Promise<[name: string, seconds: number][]> => {
  const sums = new Map<string, number>();
  const add = (name: string, seconds: number): void => void sums.set(name, (sums.get(name) ?? 0) + seconds);
  for (const pid of await treeOf(root)) {
    const spent = await statOf(pid);
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (spent === undefined || line === "") continue;
    const name = nameIn(line.split("\0"));
    add(name, spent.own);
    add(`started by ${name}`, spent.ended);
  }
  return [...sums].filter(([, seconds]) => seconds > 0).toSorted(([, a], [, b]) => b - a);
};
