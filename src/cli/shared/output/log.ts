export type Level = "info" | "warn" | "error";
/** `event`: a few fixed words; `details`: whatever else there is to say, never a token. */
export type Log = (level: Level, event: string, details?: Record<string, unknown>) => void;

/** One JSON object a line on stderr. */
export const logToStderr: Log = (level, event, details = {}) => {
  const line = { at: new Date().toISOString(), level, event, ...details };
  process.stderr.write(`${JSON.stringify(line)}\n`);
};

/** Takes what was thrown though nothing should have been. */
export const faultsTo =
  (log: Log) =>
  (cause: unknown): void =>
    log("error", "fault", { reason: cause instanceof Error ? cause.stack : String(cause) });
