/** Calls `stop` at the first signal to end; the second one ends the process as it always does. */
export const onStopSignal = (stop: () => void): void => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, stop);
};

/**
 * How long our own copy of a signal may come after the one that ended our service: a stop of a group, a systemd unit or a host signals
 * both, in any order.
 */
export const SAME_SIGNAL_MS = 200;
