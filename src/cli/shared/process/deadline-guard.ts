/** How long after its own deadline a command that hangs is ended. */
const GRACE_MS = 500;

/**
 * Runs `work` so that it always ends in time and with a known exit code: an error that it throws, now or from some callback, and an expired
 * limit resolve to `code`.
 */
export const guarded = (
  work: () => Promise<number>,
  { limitMs, code, say }: { limitMs: number; code: number; say: (why: string) => void },
): Promise<number> =>
  new Promise((resolve) => {
    // Faults are printed without a trace, and a trace for each error would take a millisecond.
    Error.stackTraceLimit = 0;
    const give = (why: string): void => {
      say(why);
      resolve(code);
    };
    const fault = (cause: unknown): void =>
      give(`a defect of this program: ${cause instanceof Error ? cause.message : String(cause)}`);
    process.on("uncaughtException", fault);
    process.on("unhandledRejection", fault);
    setTimeout(() => give(`nothing was decided in ${limitMs} ms`), limitMs + GRACE_MS);
    Promise.resolve().then(work).then(resolve, fault);
  });
