import { readdir, readFile } from "node:fs/promises";

/** The processes a process has started, of all its threads. Linux only. */
export const childrenOf = async (pid: number | undefined): Promise<number[]> => {
  if (pid === undefined) return [];
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8")),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
};
