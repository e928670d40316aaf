/** One structured line for the operator. Never pass a URL: a token may stand in its path. */
export const warn = (event: string, details: Record<string, unknown>): void => {
  // oxlint-disable-next-line no-console -- a Worker's log is its console; this is the one place that writes it
  console.warn(JSON.stringify({ level: "warn", event, ...details }));
};

/** The text of whatever was thrown. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : `thrown: ${typeof error}`;
