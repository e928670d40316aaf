import { describe, expect, it } from "vitest";
import { parseConfig, type Bindings } from "../../src/config.ts";

const env = (variables: Record<string, string> = {}): Bindings =>
  ({
    VANTAGES: "weur,wnam",
    CONTROLS: "https://control.example/",
    SHARDS: "1",
    AGGREGATOR_HINT: "",
    ALLOW_PRIVATE: "false",
    ADMIN_TOKEN: "secret",
    READ_TOKEN: "read",
    ...variables,
  }) as unknown as Bindings;

describe("parseConfig", () => {
  it("takes what wrangler.toml says, vantages in their order", () => {
    const config = parseConfig(env());
    expect(config.problems).toEqual([]);
    expect(config.vantages).toEqual([
      { id: "weur", kind: "regional", region: "weur", provider: "cloudflare" },
      { id: "wnam", kind: "regional", region: "wnam", provider: "cloudflare" },
    ]);
    expect(config).toMatchObject({ shards: 1, controls: ["https://control.example/"], allowPrivate: false });
  });

  it.each([
    ["VANTAGES", ""],
    ["VANTAGES", "weur,mars"],
    ["VANTAGES", "weur,weur"],
    ["CONTROLS", "ftp://control.example"],
    ["CONTROLS", Array.from({ length: 9 }, (_, index) => `tcp://c${index}.example:1`).join()],
    ["SHARDS", "0"],
    ["SHARDS", "1.5"],
    ["SHARDS", "many"],
    ["AGGREGATOR_HINT", "mars"],
    ["ALLOW_PRIVATE", "yes"],
    ["ADMIN_TOKEN", ""],
  ])("names %s when it is %j, and throws nothing", (name, value) => {
    expect(parseConfig(env({ [name]: value })).problems).toEqual([expect.stringContaining(name)]);
  });
});
