import { Backoff } from "../../shared/time/backoff.ts";
import type { Log } from "../../shared/output/log.ts";
import { after } from "../../shared/process/machine.ts";
import { pause } from "../../shared/time/pause.ts";
import { carryOut, killGroup } from "./order.ts";
import { groupRuns } from "./process-group.ts";

/** Why a service is made to stop leading; a command reads it as PARALLAX_CAUSE. */
export type FenceCause =
  /** The lease could not be renewed. */
  | "lease"
  /** A planned change, or the detector says that the service does not lead any more. */
  | "switch"
  /** Another member leads. */
  | "superseded"
  /** The service could not be made to lead. */
  | "failed"
  /** The service ended. */
  | "ended"
  /** The agent received a signal to end, or is gone. */
  | "stopping";

/** The service to fence, and the command that does it. */
export interface Fence {
  /** `--on-fence`. */
  command: string | undefined;
  environment: NodeJS.ProcessEnv;
  /** The process group of a service that the agent runs. */
  service: number | undefined;
}

export interface Fencing {
  fence: Fence;
  cause: FenceCause;
  /** The process group of a command that may be making the service lead. It is killed first. */
  running: number | undefined;
  /** How long all tries of the command together may take before the service is killed. */
  limitMs: number;
  /** Kill the service even where the command has done its work: no agent will be left to watch it. */
  kills: boolean;
  log: Log;
}

const RETRY = { firstMs: 200, longestMs: 5_000 };
/** The limit of each try once the time is over, where there is no service to kill and so nothing but the command to stop it. */
const LATE_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 10;
const NEVER = new AbortController().signal;

/** Kills the service's group, and whatever that group starts meanwhile, until none of it runs. */
const killService = async (service: number): Promise<void> => {
  do {
    killGroup(service);
    await pause(after, LOOK_EVERY_MS, NEVER);
  } while (groupRuns(service));
};

/**
 * Makes a service stop leading. If the command exits with 0, the service has stopped. Otherwise a service that the agent runs is killed;
 * where there is none to kill, the command is tried until it succeeds. Resolves when nothing leads here, and not before.
 */
export const fenceOff = async ({ fence, cause, running, limitMs, kills, log }: Fencing): Promise<void> => {
  const { command, service } = fence;
  const environment = { ...fence.environment, PARALLAX_CAUSE: cause };
  if (running !== undefined) killGroup(running);
  const begun = performance.now();
  const backoff = new Backoff(Math.random, RETRY);
  while (command !== undefined) {
    const leftMs = limitMs - (performance.now() - begun);
    if (service !== undefined && leftMs <= 0) break;
    const done = await carryOut({ command, environment, limitMs: leftMs > 0 ? leftMs : LATE_LIMIT_MS });
    if (done.ok) {
      if (kills && service !== undefined) await killService(service);
      return;
    }
    const left = service === undefined ? "the service may lead still" : "else the service is killed";
    if (backoff.failures === 0 || backoff.isTelling)
      log("error", "on-fence-failed", { cause, reason: done.why, so: `tried again; ${left}` });
    const waitMs = backoff.fail();
    await pause(
      after,
      service === undefined ? waitMs : Math.min(waitMs, limitMs - (performance.now() - begun)),
      NEVER,
    );
  }
  if (service === undefined) return;
  log("warn", "service-killed", { cause, group: service });
  await killService(service);
};
