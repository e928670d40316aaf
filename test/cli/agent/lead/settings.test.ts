import { describe, expect, it } from "vitest";
import { parseSettings, USAGE } from "../../../../src/cli/agent/settings.ts";

const ENVIRONMENT = { PARALLAX_URL: "http://127.0.0.1:1", PARALLAX_TOKEN: "t", STATE_DIRECTORY: "/s" };
const OWN = ["--site", "fra", "--target", "db-1"];
const parse = (args: string[], environment: Record<string, string> = ENVIRONMENT) =>
  parseSettings([...OWN, ...args], environment);

describe("the flags of a group", () => {
  it.each([
    [["--on-lead", "x"], "--on-lead needs --group"],
    [["--position", "x"], "--position needs --group"],
    [["--command-limit-ms", "500"], "--command-limit-ms needs --group"],
    [["--group", "no/name", "--on-fence", "x"], "--group must be 1 to 63 characters"],
    [["--group", "db"], "--group needs --on-fence CMD, or --exec"],
    [["--group", "db", "--on-fence", " "], "--on-fence needs a command"],
    [["--group", "db", "--on-fence", "x", "--command-limit-ms", "9"], "--command-limit-ms must be a whole"],
  ])("%j: %s", (args, problem) => {
    expect(parse(args)).toContain(problem);
  });

  it("need a place for the greatest epoch", () => {
    const { STATE_DIRECTORY: _, ...without } = ENVIRONMENT;
    expect(parse(["--group", "db", "--on-fence", "x"], without)).toContain("--group needs --state DIR");
  });

  it("are all of a group, or none", () => {
    expect(parse([])).toMatchObject({ lead: undefined });
    expect(parse(["--group", "db", "--exec", "--", "cmd", "--on-lead"])).toMatchObject({
      lead: { group: "db", onLead: undefined, limitMs: 30_000, state: "/s" },
    });
    expect(parse(["--group", "db", "--on-fence", "a b", "--position", "c"])).toMatchObject({
      lead: { onFence: "a b", position: "c" },
    });
  });

  it("are told within 80 columns", () => {
    const own = USAGE.slice(USAGE.indexOf("In a group"), USAGE.indexOf("Exits with"));
    expect(own.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});
