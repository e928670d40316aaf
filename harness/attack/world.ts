import { setTimeout as wait } from "node:timers/promises";
import type { Key } from "../../scripts/detector-api.ts";
import type { DetectorApi } from "../../scripts/detector-api.ts";
import { hostOf, Nodes } from "../scale/nodes.ts";

/** A few targets that are served, at addresses that stay the same from one process of a detector to the next. */
export const KEYS: Key[] = ["node-0", "node-1", "node-2"].map((target) => ({ site: "calm", target }));
const POLL_MS = 250;

export const hostsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, number) => hostOf(number));

export const startNodes = (port: number): Promise<Nodes> => Nodes.start(hostsOf(KEYS.length), port);

export const putAll = async (api: DetectorApi, port: number): Promise<void> => {
  for (const [number, key] of KEYS.entries())
    await api.putTarget(key, {
      url: `http://${hostsOf(KEYS.length)[number]}:${port}/`,
      intervalMs: 5_000,
      timeoutMs: 2_000,
    });
};

export const healthOf = async (api: DetectorApi): Promise<{ ok: boolean; reasons: string[] }> =>
  api.ask("/healthz").then(
    ({ text }) => JSON.parse(text) as { ok: boolean; reasons: string[] },
    () => ({ ok: false, reasons: ["/healthz was not answered"] }),
  );

/** Whether all these targets are alive by looks from after `since`. */
export const areFresh = async (api: DetectorApi, keys: Key[], since: number): Promise<boolean> => {
  for (const key of keys) {
    const answer = await api.verdict(key).catch(() => null);
    if (answer?.verdict !== "alive" || !(Date.parse(answer.asOf ?? "") > since)) return false;
  }
  return true;
};

/** How long it took until the targets are fresh, and health is ok if that is asked for; null: not in time. */
export const untilFresh = async (
  api: DetectorApi,
  keys: Key[],
  { since, withinMs, isHealthy }: { since: number; withinMs: number; isHealthy: boolean },
): Promise<number | null> => {
  const began = performance.now();
  for (;;) {
    if ((!isHealthy || (await healthOf(api)).ok) && (await areFresh(api, keys, since)))
      return performance.now() - began;
    if (performance.now() - began > withinMs) return null;
    await wait(POLL_MS);
  }
};
