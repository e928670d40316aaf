/** For commands that ask the detector repeatedly and keep its answers in files, until a signal ends them. */
import { Backoff } from "../time/backoff.ts";
import type { Log } from "../output/log.ts";
import { boundLookups } from "../network/lookup.ts";
import { after } from "../process/machine.ts";
import { pause } from "../time/pause.ts";
import { onStopSignal } from "../process/signals.ts";

const RETRY = { firstMs: 1_000, longestMs: 5_000 };

interface Following<Turn> {
  /** From the end of one turn to the begin of the next. */
  everyMs: number;
  /** Asks once and keeps the answer. */
  turn: (stop: AbortSignal) => Promise<Turn>;
  tell: (turn: Turn) => void;
  /** After a failure a random delay is added: programs that lost the detector together must not all come back at once. */
  hasFailed: (turn: Turn) => boolean;
}

/** Takes turns until a signal to stop. Failures do not end it. Resolves with the exit code. */
export const keepFollowing = async <Turn>({
  everyMs,
  turn,
  tell,
  hasFailed,
}: Following<Turn>): Promise<number> => {
  boundLookups(process.env);
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  const backoff = new Backoff(Math.random, RETRY);
  while (!stop.signal.aborted) {
    const taken = await turn(stop.signal);
    if (stop.signal.aborted) break;
    tell(taken);
    if (!hasFailed(taken)) backoff.reset();
    await pause(after, hasFailed(taken) ? Math.max(everyMs, backoff.fail()) : everyMs, stop.signal);
  }
  return 0;
};

/** Logs each trouble when it begins and when it ends; undefined means no trouble. `details`: what the trouble concerns. */
export const troubleTeller = (
  log: Log,
  details: Record<string, unknown>,
): ((why: string | undefined) => void) => {
  let trouble: string | undefined;
  return (why) => {
    if (why !== undefined && why !== trouble)
      log("warn", "not-kept", { ...details, reason: why, consequence: "it stays as it was" });
    if (why === undefined && trouble !== undefined) log("info", "kept-again", details);
    trouble = why;
  };
};
