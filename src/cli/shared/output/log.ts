export type Level = "info" | "warn" | "error";
/** `event`: a few fixed words; `details`: further fields, never a token. */
export type Log = (level: Level, event: string, details?: Record<string, unknown>) => void;

/** One JSON object a line on stderr. */
export const logToStderr: Log = (level, event, details = {}) => {
  const line = { at: new Date().toISOString(), level, event, ...details };
  process.stderr.write(`${JSON.stringify(line)}\n`);
};

/** Logs an error that should not have been thrown. */
export const faultsTo =
  (log: Log) =>
  (cause: unknown): void =>
    log("error", "fault", { reason: cause instanceof Error ? cause.stack : String(cause) });
