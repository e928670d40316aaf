// One thread: judges what it is told, and tells what it counted.
import { parentPort } from "node:worker_threads";
import { judgeJournal, type JournalTask } from "./journal.ts";
import { judgeLists, type ListsTask } from "./lists.ts";
import { playSimulated, type SimulatedTask } from "./simulated.ts";
import type { Tally } from "./tally.ts";

export type Task = SimulatedTask | ListsTask | JournalTask;

const perform = async (task: Task): Promise<Tally> => {
  if ("file" in task) return judgeJournal(task);
  return "scenario" in task ? await playSimulated(task) : judgeLists(task);
};

parentPort?.on("message", (task: Task) => {
  perform(task).then(
    (tally) => parentPort?.postMessage(tally),
    (cause: unknown) => {
      // Thrown where nothing catches it, so that whoever waits hears of it.
      setImmediate(() => {
        throw cause;
      });
    },
  );
});
