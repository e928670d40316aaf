import { describe, expect, it } from "vitest";
import { type Options, scenariosOf, wholeNumber, worldOf } from "./options.ts";
import { SCENARIOS } from "./scenarios.ts";

const options = (given: Partial<Options>): Options => ({
  list: false,
  world: "usual",
  report: false,
  audit: false,
  all: false,
  tests: false,
  adversary: false,
  replays: false,
  short: false,
  full: false,
  json: false,
  help: false,
  ...given,
});

describe("the command line", () => {
  it("makes the world asked for, and says how to ask for it again", () => {
    const { flags, options: world } = worldOf(
      options({ world: "pareto", vantages: "5", interval: "6", lasts: "90" }),
    );
    expect(flags).toBe(" --world pareto --vantages 5 --interval 6 --lasts 90");
    expect(world).toMatchObject({
      layout: { vantages: 5, intervalMs: 6_000, timeoutMs: 3_000 },
      lastsMs: 90_000,
      network: { delay: { tail: { kind: "pareto" } } },
    });
    expect(worldOf(options({})).flags).toBe("");
  });

  it("knows scenarios by name, all of them at once, and no others", () => {
    expect(scenariosOf(options({ scenario: "crash,none" })).map(({ name }) => name)).toEqual([
      "crash",
      "none",
    ]);
    expect(scenariosOf(options({ scenario: "all" }))).toEqual(SCENARIOS);
    expect(() => scenariosOf(options({ scenario: "flood" }))).toThrow('no scenario "flood"');
  });

  it.each(["1.5", "-1", "many"])("does not take %s for a whole number", (text) => {
    expect(() => wholeNumber(text, 1, "seeds")).toThrow("--seeds takes a whole number");
  });
});
