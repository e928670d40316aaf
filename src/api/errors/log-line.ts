/** Logs one structured line for the operator. Never pass a URL: its path may contain a token. */
export const warn = (event: string, details: Record<string, unknown>): void => {
  // oxlint-disable-next-line no-console -- a Worker's log is its console; this is the one place that writes it
  console.warn(JSON.stringify({ level: "warn", event, ...details }));
};

/** The message of an error, or the type of anything else that was thrown. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : `thrown: ${typeof error}`;
