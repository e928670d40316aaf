import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildBundle } from "../chain/bundle.ts";

const ROOT = new URL("../../", import.meta.url);

describe("the bundle that deploy would upload", () => {
  let outdir: string;
  let said: string;
  const files = new Map<string, string>();
  beforeAll(async () => {
    outdir = await mkdtemp(join(tmpdir(), "parallax-bundle-"));
    said = await buildBundle(outdir);
    for (const name of await readdir(outdir))
      if (/\.js(\.map)?$/.test(name)) files.set(name, await readFile(join(outdir, name), "utf8"));
  }, 60_000);
  afterAll(() => rm(outdir, { recursive: true, force: true }));

  test("is made without an account, with its objects bound", () => {
    expect(said).toContain("--dry-run: exiting now.");
    expect(said).toMatch(/env\.AGGREGATOR \(Aggregator\)/);
    expect(said).toMatch(/env\.VANTAGE \(Vantage\)/);
    expect(said).toMatch(/env\.CONDUCTOR \(Conductor\)/);
    expect(files.get("index.js")).toMatch(/export\s*\{[^}]*Aggregator[^}]*Vantage/s);
  });

  test("holds no token of this machine, nor do its variables", async () => {
    const local = (await readFile(new URL("dev.env", ROOT), "utf8"))
      .split("\n")
      .map((line) => /^\w+=(local-.+)$/.exec(line)?.[1])
      .filter((value) => value !== undefined);
    expect(local).toEqual(["local-admin", "local-read"]);
    const vars = await readFile(new URL("wrangler.toml", ROOT), "utf8");
    for (const [name, text] of [
      ...files,
      ["what wrangler said", said] as const,
      ["wrangler.toml", vars] as const,
    ])
      expect(text.includes("local-"), `"local-" in ${name}`).toBe(false);
  });

  test("allows no private targets unless it is told to", () => {
    expect(said).toMatch(/env\.ALLOW_PRIVATE \("false"\)/);
  });
});
