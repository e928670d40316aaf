import { type Door, textAt } from "./http-source.ts";
import { listedNames, type Named, type Poll } from "./checker-source.ts";

const SAMPLE = /^monitor_status\{(.*)\}\s+(\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:\\.|[^"\\])*)"/g;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n" };

/** Kuma's numbers: 2 is a possible fault before a retry; 3 is maintenance. */
const UP: Readonly<Record<string, boolean | null | undefined>> = { "0": false, "1": true, "3": null };

/** `monitor_status{monitor_name="db-1",…} 1` in the text format of Prometheus. */
export const kumaMonitors = (text: string): Named[] => {
  const found = new Map<string, Named>();
  for (const line of text.split("\n")) {
    const [, labels, value = ""] = SAMPLE.exec(line.trim()) ?? [];
    if (labels === undefined) continue;
    const [, , name] = [...labels.matchAll(LABEL)].find(([, label]) => label === "monitor_name") ?? [];
    if (name === undefined) throw new Error("a monitor_status in its /metrics has no monitor_name");
    const target = name.replaceAll(/\\(.)/gs, (_, sign: string) => ESCAPED[sign] ?? sign);
    const up = value === "2" ? undefined : (UP[value] ?? null);
    // Two monitors of one name cannot be distinguished.
    found.set(target, { name: target, site: undefined, target, up: found.has(target) ? null : up });
  }
  if (found.size === 0)
    throw new Error("its /metrics has no monitor_status: WHERE must be Uptime Kuma's own address");
  return listedNames([...found.values()]);
};

/** Uptime Kuma's metrics, which need an API key. */
export const kuma =
  (door: Door): Poll =>
  async (stop) =>
    kumaMonitors(await textAt(door, "/metrics", stop));
