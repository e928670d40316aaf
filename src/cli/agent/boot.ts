import { type Identity, readText } from "../shared/process/process.ts";

/** The running system's own boot id; null where there is none to read. */
export const hostBootId = (): string | null => readText("/proc/sys/kernel/random/boot_id")?.trim() || null;

/** The same process always gets the same boot id, also from a restarted agent; null where the boot or the start time is unknown. */
export const bootIdOf = ({ pid, startTicks }: Identity): string | null => {
  const host = hostBootId();
  return host === null || startTicks === null ? null : `${host}:${pid}:${startTicks}`;
};
