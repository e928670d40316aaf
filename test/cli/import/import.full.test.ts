import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Running } from "../running.ts";

const folder = mkdtempSync(join(tmpdir(), "parallax-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const run = async (...args: string[]) => {
  const running = new Running(["import", ...args], {});
  const code = await running.ended;
  return { code, said: running.stdout, told: running.stderr };
};

const GOOD = fileOf("good.yaml", "endpoints:\n  - { name: a, url: 'https://a.example' }\n");
const NOTHING = fileOf("nothing.yaml", "endpoints:\n  - { name: a, url: 'icmp://a.example' }\n");
const BROKEN = fileOf("broken.yaml", "endpoints:\n  - { name: a }\n  - { name: b }\n");

describe("parallax import", () => {
  it("writes to stdout what goes to apply, and to stderr what a person has to know", async () => {
    const { code, said, told } = await run("gatus", GOOD, "--site", "fra");
    expect(code).toBe(0);
    expect(said).toContain("sites:\n  fra:\n");
    expect(said).toContain(`    # ${GOOD}:2 a\n    a:\n      url: https://a.example\n`);
    expect(told).toContain("Carried over: 1 of 1.\n");
    for (const line of told.trim().split("\n")) expect(said).toContain(`# ${line}`);
  });

  it("writes all of what is more than a pipe holds", async () => {
    const names = Array.from(
      { length: 2_000 },
      (_, index) => `  - { name: n${index}, url: "https://a.example" }\n`,
    );
    const { code, said } = await run("gatus", fileOf("many.yaml", `endpoints:\n${names.join("")}`));
    expect(code).toBe(0);
    expect(said.length).toBeGreaterThan(200_000);
    expect(said).toContain("\n    n1999:\n");
    expect(said.trimEnd().split("\n").at(-1)).toContain("# Gatus follows redirects");
  });

  it("writes a file, and none over another", async () => {
    const out = join(folder, "out.yaml");
    expect(await run("gatus", GOOD, "--out", out)).toMatchObject({ code: 0, said: "" });
    const text = readFileSync(out, "utf8");
    expect(await run("gatus", GOOD, "--out", out)).toMatchObject({ code: 1 });
    expect(readFileSync(out, "utf8")).toBe(text);
    expect(await run("gatus", GOOD, "--out", join(folder, "none", "out.yaml"))).toMatchObject({ code: 1 });
  });

  it("writes nothing where there is nothing to carry over", async () => {
    const { code, said, told } = await run("gatus", NOTHING);
    expect({ code, said }).toEqual({ code: 1, said: "" });
    expect(told).toContain("ICMP");
  });

  it("refuses more targets than a file holds, in one line", async () => {
    const many = fileOf("surplus.yaml", `endpoints:\n${"  - { url: 'https://a.example' }\n".repeat(10_002)}`);
    const { code, said, told } = await run("gatus", many);
    expect({ code, said }).toEqual({ code: 2, said: "" });
    expect(told.trimEnd().split("\n")).toEqual([
      `${many}:10002: https://a.example is one of 10002 targets; a file for apply holds at most 10000: import in parts`,
    ]);
  });

  it("tells a hundred of many like lines, and how many more there are; the file holds all", async () => {
    const pings = fileOf(
      "pings.yaml",
      `endpoints:\n  - { url: 'https://a.example' }\n${"  - { url: 'icmp://a.example' }\n".repeat(250)}`,
    );
    const { code, said, told } = await run("gatus", pings);
    expect(code).toBe(0);
    expect(told.match(/ICMP/g)).toHaveLength(100);
    expect(told).toContain("Not carried over (250):\n");
    expect(told).toContain("\n  … and 150 more\n");
    expect(said.match(/ICMP/g)).toHaveLength(250);
    const flawed = fileOf("flawed.yaml", `endpoints:\n${"  - { name: a }\n".repeat(250)}`);
    expect((await run("gatus", flawed)).told.trimEnd().split("\n").at(-1)).toBe("  … and 150 more");
  });

  it("tells all that is wrong with a file at once, and writes nothing", async () => {
    const { code, said, told } = await run("gatus", GOOD, BROKEN);
    expect({ code, said }).toEqual({ code: 2, said: "" });
    expect(told).toContain(`${BROKEN}:2: endpoints.0.url is missing`);
    expect(told).toContain(`${BROKEN}:3: endpoints.1.url is missing`);
  });

  it.each([
    [[], "KIND must be one of gatus, kuma"],
    [["nagios", GOOD], "KIND must be one of gatus, kuma"],
    [["gatus"], "name 1 to 100 FILEs"],
    [["gatus", GOOD, GOOD], "name each FILE once"],
    [["gatus", GOOD, "--site", "FRA"], "--site must be 1 to 63 characters"],
    [["gatus", GOOD, "--site-label", "dc"], "--site-label names a label of Prometheus"],
    [["gatus", GOOD, "--colour"], "--colour"],
    [["gatus", join(folder, "no.yaml")], "no.yaml"],
    [["gatus", folder], `${folder} is a folder: name the files in it`],
  ])("turns down %j with code 2", async (args, told) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code: 2, said: "" });
    expect(result.told).toContain(told);
  });

  it("says how it is used within 80 columns", async () => {
    const { code, said } = await run("--help");
    expect(code).toBe(0);
    expect(said.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});
