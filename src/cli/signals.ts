/** Calls `stop` at the first signal to end; the second one ends the process as it always does. */
export const onStopSignal = (stop: () => void): void => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, stop);
};

/** Resolves once every signal that has come by now is handled: timers that are due go before it otherwise. */
export const signalsHandled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
