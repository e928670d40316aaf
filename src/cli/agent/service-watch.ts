import { isSameProcess, type Identity } from "../shared/process/process.ts";

export interface ServiceWatch {
  /** The service's process; null while none is known to run. */
  process: Identity | null;
  /** The pid file as it was when last gone by: it can name nobody new until it is written again. */
  spent: string | null;
}

/** What a look at a service shows. Look at the process before the file: it removes the file before it ends. */
export interface ServiceLook {
  /** Whether the process watched so far still runs. */
  watchedRuns: boolean;
  /** Tells one writing of the pid file from the next; null when the file names nobody. */
  version: string | null;
  /** The process it names; null when that does not run. */
  named: Identity | null;
  /** The pid file is gone. */
  removed: boolean;
}

export type WatchStep = "nothing" | "begin" | "crash" | "stop";

/**
 * One step of watching. Whoever wrote a pid file was running then, so a file that names a dead process is
 * stale, and whoever gets that pid later is somebody else. Another process in a file written anew is a new
 * boot, which says by itself that the old one ended. One that vanishes with its file went orderly.
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
