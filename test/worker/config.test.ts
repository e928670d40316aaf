import { describe, expect, it } from "vitest";
import { parseConfig, type Bindings } from "../../src/config.ts";

const env = (variables: Record<string, string> = {}): Bindings =>
  ({
    VANTAGES: "weur,wnam",
    CONTROLS: "https://control.example/",
    SHARDS: "1",
    AGGREGATOR_HINT: "weur",
    ALLOW_PRIVATE: "false",
    ADMIN_TOKEN: "a-secret-of-an-administrator",
    READ_TOKEN: "a-secret-of-all-who-may-read",
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
    [{}, 0],
    [{ UP_MAX_AGE_MS: "0" }, 0],
    [{ UP_MAX_AGE_MS: "1000" }, 1_000],
  ])("lets /up be as old as %j says: %i ms", (variables, ageMs) => {
    expect(parseConfig(env(variables))).toMatchObject({ problems: [], upMaxAgeMs: ageMs });
  });

  it.each([
    [{}, 25],
    [{ PLACE_LOOKS_MAX: "1" }, 1],
    [{ PLACE_LOOKS_MAX: "10000" }, 10_000],
  ])("lets one place be looked at as often as %j says: %i times a second", (variables, most) => {
    expect(parseConfig(env(variables))).toMatchObject({ problems: [], placeLooksMax: most });
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
    ["AGGREGATOR_HINT", ""],
    ["ALLOW_PRIVATE", "yes"],
    ["RESOLVER", "127.0.0.1:53"],
    ["UP_MAX_AGE_MS", "1001"],
    ["UP_MAX_AGE_MS", "-1"],
    ["UP_MAX_AGE_MS", "0.5"],
    ["UP_MAX_AGE_MS", ""],
    ["UP_MAX_AGE_MS", "1s"],
    ["PLACE_LOOKS_MAX", "0"],
    ["PLACE_LOOKS_MAX", "10001"],
    ["PLACE_LOOKS_MAX", "2.5"],
    ["PLACE_LOOKS_MAX", ""],
    ["ADMIN_TOKEN", ""],
    ["ADMIN_TOKEN", "a-secret-of-all-who-may-read"],
  ])("names %s when it is %j, and throws nothing", (name, value) => {
    expect(parseConfig(env({ [name]: value })).problems).toEqual([expect.stringContaining(name)]);
  });
});

describe("tokens that can be guessed", () => {
  it.each([
    [{}, []],
    [{ READ_TOKEN: "" }, []],
    [{ READ_TOKEN: "short" }, ["READ_TOKEN has 5 characters"]],
    [{ ADMIN_TOKEN: "local-admin-of-a-great-length" }, ["ADMIN_TOKEN is like those of npm run dev"]],
    [{ ADMIN_TOKEN: "local-admin", READ_TOKEN: "local-read", ALLOW_PRIVATE: "true" }, []],
  ])("are named in a deployment, which serves all the same: %j", (variables, warned) => {
    const { problems, warnings } = parseConfig(env(variables));
    expect([problems, warnings]).toEqual([[], warned.map((begin) => expect.stringContaining(begin))]);
  });
});

describe("the place of the aggregators", () => {
  it.each([
    { hint: "weur", allow: "false", isPlaced: true },
    { hint: "", allow: "false", isPlaced: false },
    { hint: "mars", allow: "false", isPlaced: false },
    { hint: "", allow: "true", isPlaced: true },
  ])(
    "is known with AGGREGATOR_HINT $hint and ALLOW_PRIVATE $allow: $isPlaced",
    ({ hint, allow, isPlaced }) => {
      expect(parseConfig(env({ AGGREGATOR_HINT: hint, ALLOW_PRIVATE: allow })).isPlaced).toBe(isPlaced);
    },
  );
});
