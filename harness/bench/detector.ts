import { type Answer, DetectorApi, type Key, pathOf } from "../../scripts/detector-api.ts";
import { until } from "../../scripts/until.ts";
import type { Service } from "./workerd.ts";

export const VANTAGES = ["wnam", "enam", "weur", "eeur", "apac-ne", "apac-se", "oc"];
export const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;
const ALIVE_WITHIN_MS = 60_000;

/** The detector as `npm run dev` configures it; `entry` exports its two objects. */
export const detectorOn = (port: number, entry: URL): Service => ({
  name: "detector",
  port,
  entry,
  objects: { AGGREGATOR: "Aggregator", VANTAGE: "Vantage", CONDUCTOR: "Conductor" },
  vars: {
    VANTAGES: VANTAGES.join(","),
    CONTROLS: `tcp://127.0.0.1:${port}`,
    SHARDS: "1",
    AGGREGATOR_HINT: "",
    ALLOW_PRIVATE: "true",
    ADMIN_TOKEN: "local-admin",
    READ_TOKEN: "local-read",
  },
});

/** `count` targets of at most ten a site. */
export const keysOf = (count: number): Key[] =>
  Array.from({ length: count }, (_, index) => ({
    site: `site-${Math.floor(index / 10)}`,
    target: `node-${index % 10}`,
  }));

/** Has the detector watch every target: each has its own path on `url`. */
export const watchAll = async (api: DetectorApi, keys: Key[], url: string): Promise<void> => {
  for (const key of keys)
    await api.putTarget(key, {
      url: `${url}/${key.site}/${key.target}`,
      intervalMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
    });
};

/** Resolves once every target's verdict is `alive`, with the last verdict read. */
export const untilAlive = async (
  api: DetectorApi,
  keys: Key[],
  withinMs = ALIVE_WITHIN_MS,
): Promise<void> => {
  const left = [...keys];
  await until(
    async () => {
      while (left[0] !== undefined && (await api.verdict(left[0])).verdict === "alive") left.shift();
      return left.length === 0;
    },
    { withinMs, explain: () => `${left.length} of ${keys.length} targets are not alive` },
  );
};

/** How many targets have which verdict. */
export const verdictsOf = async (api: DetectorApi, keys: Key[]): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const key of keys) {
    const { verdict } = await api.verdict(key);
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
};

export const answerOn = async (api: DetectorApi, key: Key, what: string): Promise<Answer> =>
  api.ask(`${pathOf(key)}/${what}`);
