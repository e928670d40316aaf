/** When a node's heartbeats count as arriving. */
import type { TargetState } from "./state.ts";

/** They are late after this many of their periods. */
const PERIODS = 3;
const DEFAULT_MS = 10_000;

type Heartbeat = NonNullable<TargetState["heartbeat"]>;

export const periodMs = ({ everyMs }: Heartbeat): number => everyMs ?? DEFAULT_MS;

/** Whether the newest one is not late yet at `now`. */
export const isBeating = (heartbeat: Heartbeat, now: number): boolean =>
  now - heartbeat.at <= PERIODS * periodMs(heartbeat);
