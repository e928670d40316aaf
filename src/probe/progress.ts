import type { Finding } from "../domain/observation.ts";
import type { Outcome, Stage } from "../domain/outcome.ts";
import type { Certificate } from "../domain/certificate.ts";
import type { Route } from "./race.ts";

const MAX_DETAIL = 200;

/** One probe's clock, and how far the probe has come. */
export interface Progress {
  /** Epoch milliseconds. */
  begin: number;
  stage: Stage;
  /** The name is being looked up: no host has been asked for an answer yet. */
  isResolving: boolean;
  connectMs: number | undefined;
  /** Which addresses were tried, where that is known. */
  route: (() => Route) | undefined;
  /** The certificate of the other side, where one was shown. */
  certificate: (() => Certificate | undefined) | undefined;
  elapsedMs: () => number;
  /** What is left until the deadline, at least 0. */
  remainingMs: () => number;
}

export const startProgress = (now: () => number, timeoutMs: number): Progress => {
  const begin = now();
  const elapsedMs = (): number => Math.max(0, now() - begin);
  return {
    begin,
    stage: "unknown",
    isResolving: false,
    connectMs: undefined,
    route: undefined,
    certificate: undefined,
    elapsedMs,
    remainingMs: () => Math.max(0, timeoutMs - elapsedMs()),
  };
};

/** How a probe ended, without its times. */
export interface Ending {
  outcome: Outcome;
  stage: Stage;
  detail?: string | undefined;
  proxied?: boolean | undefined;
  /** Set where it is not the probe's own connection: the time an autopsy took to be let in or turned away. */
  connectMs?: number | undefined;
}

/** Adds the times to an ending. `totalMs`: by default, until now. */
export const concludeProbe = (
  progress: Progress,
  ending: Ending,
  totalMs: number = progress.elapsedMs(),
): Finding => {
  const connectMs = ending.connectMs ?? progress.connectMs;
  progress.stage = ending.stage;
  progress.connectMs = connectMs;
  const { address, dead = [] } = progress.route?.() ?? {};
  return {
    outcome: ending.outcome,
    stage: ending.stage,
    totalMs,
    ...(connectMs === undefined ? {} : { connectMs }),
    ...(ending.detail ? { detail: ending.detail.slice(0, MAX_DETAIL) } : {}),
    ...(address === undefined ? {} : { address }),
    ...(dead.length === 0 ? {} : { deadAddresses: dead }),
    ...(ending.proxied === undefined ? {} : { proxied: ending.proxied }),
  };
};
