import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseEndpoint } from "../../src/domain/address.ts";

const settings = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");
const controls = (/^CONTROLS = "(.*)"$/m.exec(settings)?.[1] ?? "").split(",");
const hostOf = (url: string): string => {
  const endpoint = parseEndpoint(url);
  return typeof endpoint === "string" ? "" : endpoint.host;
};
/** The last two labels, which show the host's owner. */
const ownerOf = (url: string): string => hostOf(url).split(".").slice(-2).join(".");

describe("the controls that deploy brings", () => {
  test("are two owners' at least, and none of them Cloudflare's, whose own network they are to be reached from", () => {
    const owners = controls.map(ownerOf);
    expect(new Set(owners).size).toBeGreaterThanOrEqual(2);
    expect(owners.filter((owner) => /cloudflare|workers\.dev|one\.one/.test(owner))).toEqual([]);
  });

  test("are looked at by no test: whatever runs the detector here brings its own", () => {
    for (const file of [
      "vitest.config.ts",
      "harness/world/launch.ts",
      "scripts/dev.mjs",
      "harness/lab/world.ts",
      "harness/bench/detector.ts",
      "test/aggregator/wrangler.toml",
    ]) {
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
      expect(text, `${file} sets CONTROLS`).toMatch(/CONTROLS(?::| =)/);
      for (const control of controls)
        expect(text.includes(hostOf(control)), `${control} in ${file}`).toBe(false);
    }
  });
});
