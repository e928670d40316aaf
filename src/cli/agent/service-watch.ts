import { isSameProcess, type Identity } from "../shared/process/process.ts";

export interface ServiceWatch {
  /** The service's process; null while none is known to run. */
  process: Identity | null;
  /** The version of the pid file that was used last. The file can name no new process until it is written again. */
  spent: string | null;
}

/** What a look at a service shows. Look at the process before the file: a service removes its file before it ends. */
export interface ServiceLook {
  /** Whether the process watched so far still runs. */
  watchedRuns: boolean;
  /** Differs from one writing of the pid file to the next; null when the file names no process. */
  version: string | null;
  /** The process that the file names; null when that does not run. */
  named: Identity | null;
  /** The pid file is gone. */
  removed: boolean;
}

export type WatchStep = "nothing" | "begin" | "crash" | "stop";

/**
 * One step of watching. The process that wrote a pid file was running then. So a file that names a dead process is stale, and a process
 * that gets that pid later is a different one. Another process in a newly written file is a new boot, which by itself says that the old one
 * has ended. A process that vanishes together with its file has stopped in order.
 */
export const step = (
  watch: ServiceWatch,
  { watchedRuns, version, named, removed }: ServiceLook,
): [ServiceWatch, WatchStep] => {
  const { process, spent } = watch;
  const isNews = version !== null && version !== spent;
  if (isNews && named !== null && (process === null || !isSameProcess(process, named)))
    return [{ process: named, spent: version }, "begin"];
  const gone = isNews ? version : spent;
  if (process !== null && !watchedRuns) return [{ process: null, spent: gone }, removed ? "stop" : "crash"];
  return [{ process, spent: gone }, "nothing"];
};
