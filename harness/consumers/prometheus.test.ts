import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { exampleFile } from "./example.ts";

const textOf = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");

const NAME = /\b(?:parallax|probe)_[a-z_]+\b/g;

/** Metrics that the code names. */
const made = async (): Promise<Set<string>> => {
  const files = ["gauges", "load-gauges", "group-gauges"].map((name) => `src/api/exports/${name}.ts`);
  const texts = await Promise.all(files.map(textOf));
  const names = texts.join("\n").matchAll(/"((?:parallax|probe)_[a-z_]+)"/g);
  return new Set([...names].map(([, name = ""]) => name));
};

describe("the metrics' page", () => {
  test("has a row for each metric there is, and for no other", async () => {
    const rows = (await textOf("docs/metrics.md")).matchAll(/^\| `((?:parallax|probe)_[a-z_]+)`/gm);
    expect([...rows].map(([, name]) => name).toSorted()).toEqual([...(await made())].toSorted());
  });
});

describe("the shipped alerts and dashboard", () => {
  test("ask for metrics that there are", async () => {
    const known = await made();
    const { groups } = parse(await readFile(exampleFile("prometheus/alerts.yml"), "utf8")) as {
      groups: { rules: { expr: string }[] }[];
    };
    const { panels } = JSON.parse(
      await readFile(exampleFile("prometheus/grafana-dashboard.json"), "utf8"),
    ) as { panels: { targets: { expr: string }[] }[] };
    const asked = [...groups.flatMap(({ rules }) => rules), ...panels.flatMap(({ targets }) => targets)];
    for (const { expr } of asked)
      for (const [name] of expr.matchAll(NAME)) expect(known, expr).toContain(name);
  });

  test("leave out what is muted wherever they tell of a target", async () => {
    const { groups } = parse(await readFile(exampleFile("prometheus/alerts.yml"), "utf8")) as {
      groups: { rules: { alert: string; expr: string }[] }[];
    };
    const ofTargets = groups
      .flatMap(({ rules }) => rules)
      .filter(({ expr }) => expr.includes("parallax_verdict"));
    expect(ofTargets.length).toBeGreaterThan(4);
    for (const { alert, expr } of ofTargets)
      expect(expr, alert).toMatch(/unless on \(site, target\) (last_over_time\()?parallax_target_muted/);
  });

  test("have a test for every alert", async () => {
    const { groups } = parse(await readFile(exampleFile("prometheus/alerts.yml"), "utf8")) as {
      groups: { rules: { alert: string }[] }[];
    };
    const tests = await readFile(exampleFile("prometheus/alerts.test.yml"), "utf8");
    for (const { alert } of groups.flatMap(({ rules }) => rules))
      expect(tests).toContain(`alertname: ${alert}`);
  });

  test("have panels that Grafana can tell apart, each with a place and the data source that is chosen", async () => {
    const { panels } = JSON.parse(
      await readFile(exampleFile("prometheus/grafana-dashboard.json"), "utf8"),
    ) as {
      panels: { id: number; gridPos: { x: number; w: number }; datasource: { uid: string } }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos, datasource } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(datasource.uid).toBe("${datasource}");
    }
  });
});
