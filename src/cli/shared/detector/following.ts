/** Commands that ask the detector again and again and keep its answers in files, until a signal ends them. */
import { Backoff } from "../time/backoff.ts";
import type { Log } from "../output/log.ts";
import { boundLookups } from "../network/lookup.ts";
import { after } from "../process/machine.ts";
import { pause } from "../time/pause.ts";
import { onStopSignal } from "../process/signals.ts";

const RETRY = { firstMs: 1_000, longestMs: 5_000 };

interface Following<Turn> {
  /** From the end of one turn to the next one's begin. */
  everyMs: number;
  /** Asks once and keeps the answer. */
  turn: (stop: AbortSignal) => Promise<Turn>;
  tell: (turn: Turn) => void;
  /** The next turn is then put off by a chance draw: many that lost the detector must not come back at once. */
  hasFailed: (turn: Turn) => boolean;
}

/** Takes turns until a signal says to stop; no failure ends it. Resolves with the exit code. */
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

/** Tells each trouble when it begins and when it ends; undefined where there is none. `details`: what it is about. */
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
