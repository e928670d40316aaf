export type Level = "info" | "warn" | "error";
export type Log = (level: Level, event: string, details?: Record<string, unknown>) => void;

/** One JSON object a line on stderr: stdout belongs to the service beside us. */
export const logToStderr: Log = (level, event, details = {}) => {
  const line = { at: new Date().toISOString(), level, event, ...details };
  process.stderr.write(`${JSON.stringify(line)}\n`);
};
