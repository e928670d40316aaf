import { readdir, readFile } from "node:fs/promises";

/** The processes that a process has started, from all its threads. Linux only. */
export const childrenOf = async (pid: number | undefined): Promise<number[]> => {
  if (pid === undefined) return [];
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8")),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
};

interface Process {
  pid: number;
  parent: number;
  name: string;
  /** One letter; `Z`: the process has ended, and its parent has not collected its status. */
  state: string;
}

/** A process as `/proc/PID/stat` shows it; undefined if it is gone by now. */
const processAt = async (pid: string): Promise<Process | undefined> => {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [, name, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(line) ?? [];
  if (name === undefined || state === undefined) return undefined;
  return { pid: Number(pid), parent: Number(parent), name, state };
};

/** All processes that a process has started, directly or indirectly. Linux only. */
export const offspringOf = async (pid: number | undefined): Promise<Process[]> => {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const all = (await Promise.all(pids.map(processAt))).filter((one) => one !== undefined);
  const found: Process[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const next = all.filter(({ parent }) => parents.has(parent));
    found.push(...next);
    parents = new Set(next.map((one) => one.pid));
  }
  return found;
};
