/** Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Record<string, string>;

/** One metric: its name, what it means, and a sample for each set of labels. */
export interface Metric {
  name: string;
  help: string;
  type: "gauge" | "counter";
  samples: [labels: Labels, value: number][];
}

const escapedHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

const escapedValue = (text: string): string => escapedHelp(text).replaceAll('"', '\\"');

const shownNumber = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

const lineOf = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapedValue(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${shownNumber(value)}\n`;
};

/** The metrics as text. A metric without samples is left out, since a name without a value says nothing. */
export const exposed = (metrics: readonly Metric[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .map(
      ({ name, help, type, samples }) =>
        `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n` +
        samples.map(([labels, value]) => lineOf(name, labels, value)).join(""),
    )
    .join("");
