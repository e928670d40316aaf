import { shortOf } from "../../shared/arguments/naming.ts";
import { type Door, jsonAt } from "./http-source.ts";
import { fieldOf, listedNames, type Named, type Poll } from "./checker-source.ts";

interface Series {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** One series of a vector; undefined where the value is not one. */
const seriesOf = (one: unknown): Series | undefined => {
  const [metric, value] = [fieldOf(one, "metric"), fieldOf(one, "value")];
  const number: unknown = Array.isArray(value) ? value[1] : undefined;
  if (typeof metric !== "object" || metric === null || typeof number !== "string") return undefined;
  const labels = Object.entries(metric).map(([name, text]): [string, string] => [name, String(text)]);
  return { labels: Object.fromEntries(labels), value: Number(number) };
};

/** All labels, as PromQL writes them. */
const labelsOf = (labels: Series["labels"]): string => {
  const shown = Object.entries(labels).filter(([name]) => name !== "__name__");
  return `{${shown.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}}`;
};

/** The states in a vector: a series for each thing, 0 for down, any other number for up. */
export const seriesIn = (answer: unknown, siteLabels: readonly string[]): Named[] => {
  const data = fieldOf(answer, "data");
  const result = fieldOf(data, "result");
  const all =
    Array.isArray(result) && fieldOf(data, "resultType") === "vector" ? result.map(seriesOf) : [undefined];
  const series = all.filter((one) => one !== undefined);
  if (series.length < all.length)
    throw new Error("its answer is no vector of numbers: --query must give one, as probe_success does");
  const instanceOf = ({ labels }: Series): string => labels["instance"] ?? "";
  const counts = new Map<string, number>();
  for (const one of series) counts.set(instanceOf(one), (counts.get(instanceOf(one)) ?? 0) + 1);
  return listedNames(
    series.map((one) => {
      const { labels, value } = one;
      const instance = instanceOf(one);
      const label = siteLabels.find((each) => (labels[each] ?? "") !== "");
      return {
        name: instance !== "" && counts.get(instance) === 1 ? instance : labelsOf(labels),
        site: label === undefined ? undefined : labels[label],
        target: shortOf(instance),
        up: Number.isNaN(value) ? null : value !== 0,
      };
    }),
  );
};

/** Prometheus' API: `probe_success` of blackbox_exporter, `up`, or any query that gives one number for each thing. */
export const prometheus =
  (door: Door, query: string, siteLabels: readonly string[]): Poll =>
  async (stop) =>
    seriesIn(await jsonAt(door, `/api/v1/query?query=${encodeURIComponent(query)}`, stop), siteLabels);
