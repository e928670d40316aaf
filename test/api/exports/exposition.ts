import { expect } from "vitest";

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const PAIR = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/y;

const unescaped = (text: string): string =>
  text.replaceAll(/\\([\\"n])/g, (_, escape: string) => (escape === "n" ? "\n" : escape));

const labelsIn = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const [, name = "", value = ""] = PAIR.exec(text) ?? expect.fail(`no labels: ${text}`);
    expect(labels, text).not.toHaveProperty(name);
    labels[name] = unescaped(value);
  }
  return labels;
};

const sampleIn = (line: string): Sample => {
  const [, name = "", pairs = "", value = ""] = LINE.exec(line) ?? expect.fail(line);
  const number = Number(value.replace(/^([+-])Inf$/, "$1Infinity"));
  if (value !== "NaN") expect(number, line).not.toBeNaN();
  return { name, labels: labelsIn(pairs), value: number };
};

/** The metric that a HELP line announces. */
const helpIn = (line: string): string => {
  const [, name = "", help = ""] = /^# HELP (\S+) (.+)$/.exec(line) ?? expect.fail(line);
  expect(name).toMatch(NAME);
  expect(help.length).toBeGreaterThan(0);
  return name;
};

const typeIn = (line: string): string => {
  const [, name = "", type = ""] = /^# TYPE (\S+) (gauge|counter)$/.exec(line) ?? expect.fail(line);
  expect(name.endsWith("_total"), name).toBe(type === "counter");
  return name;
};

/**
 * The samples in text of Prometheus' format 0.0.4, which must keep all its rules: each metric in one piece, announced by
 * HELP and TYPE once, no sample twice, a line feed at the end; and the conventions that promtool checks.
 */
export const samplesIn = (text: string): Sample[] => {
  expect(text === "" || text.at(-1) === "\n").toBe(true);
  const samples: Sample[] = [];
  const announced: string[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n").slice(0, -1)) {
    if (line.startsWith("# HELP ")) {
      expect(announced).not.toContain(helpIn(line));
      announced.push(helpIn(line));
    } else if (line.startsWith("# TYPE ")) expect(typeIn(line)).toBe(announced.at(-1));
    else {
      const sample = sampleIn(line);
      expect(sample.name).toBe(announced.at(-1));
      expect(seen, line).not.toContain(line.slice(0, line.lastIndexOf(" ")));
      seen.add(line.slice(0, line.lastIndexOf(" ")));
      samples.push(sample);
    }
  }
  return samples;
};
