import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../src/cli/join/settings.ts";

const AT = { PARALLAX_URL: "http://127.0.0.1:1", PARALLAX_TOKEN: "t" };
const parse = (...args: string[]) => parseSettings(args, AT);

describe("parallax join", () => {
  it("create asks for what it is told", () => {
    expect(
      parse("create", "vantage", "--sites", "fra,ams", "--id", "hel-1", "--for", "1h", "--out", "x"),
    ).toMatchObject({
      act: {
        kind: "create",
        request: { kind: "vantage", id: "hel-1", sites: ["fra", "ams"], ttlMs: 3_600_000 },
        out: "x",
      },
    });
    expect(parse("create", "vantage", "--sites", "all", "--region", "hel")).toMatchObject({
      act: { request: { sites: "all", region: "hel", ttlMs: 900_000 } },
    });
    const where = ["--url", "http://127.0.0.1:2"];
    expect(parse("create", "agent", "--sites", "fra", ...where)).toMatchObject({
      url: "http://127.0.0.1:2",
      act: { request: { kind: "agent", sites: ["fra"] } },
    });
    expect(parse("list")).toMatchObject({ act: { kind: "list" }, json: false });
    expect(parse("revoke", "j-1", "--json")).toMatchObject({
      act: { kind: "revoke", join: "j-1" },
      json: true,
    });
  });

  it("does not offer an agent the word all, which it refuses", () => {
    expect(parse("create", "agent")).toBe("--sites is required: names with commas");
  });

  it.each<[string[], string]>([
    [[], "say what to do: create, list, revoke"],
    [["make"], "say what to do: create, list, revoke"],
    [["create"], "create takes one of the words vantage and agent"],
    [["create", "vantage"], "--sites is required: names with commas, or all"],
    [["create", "vantage", "--sites", "fra", "--out", ""], "--out must name a file"],
    [["create", "vantage", "--sites", "fra", "--out", "f", "--json"], "--json and --out exclude each other"],
    [["create", "vantage", "--sites", "fra", "--sites", "ams"], "--sites is given twice"],
    [["create", "--sites", "fra"], "create takes one of the words vantage and agent"],
    [["create", "node", "--sites", "fra"], "create takes one of the words vantage and agent"],
    [["create", "vantage", "agent", "--sites", "fra"], "create takes one of the words vantage and agent"],
    [["create", "vantage", "--sites", "fra,fra"], "--sites must not name a site twice"],
    [["create", "vantage", "--sites", "fra,"], "--sites number 2 must be 1 to 63"],
    [["create", "agent", "--sites", "all"], "--sites must be a list of names: an agent speaks"],
    [["create", "agent", "--sites", "fra", "--region", "x"], "--region is for vantages only"],
    [["create", "vantage", "--sites", "fra", "--site", "ams"], "--sites must hold ams"],
    [["create", "vantage", "--sites", "fra", "--id", "A B"], "--id must be 1 to 63"],
    [
      ["create", "vantage", "--sites", "fra", "--for", "2h"],
      "--for must be a time, as 90s or 30m, and 1h at most",
    ],
    [["create", "vantage", "--sites", "fra", "--note", "x".repeat(101)], "--note "],
    [["list", "--sites", "fra"], "--sites cannot be used with list"],
    [["list", "j-1"], "list takes no JOIN"],
    [["revoke"], "revoke takes exactly one JOIN"],
    [["revoke", "j-1", "j-2"], "revoke takes exactly one JOIN"],
    [["revoke", "J/1"], "JOIN must be"],
  ])("%j: says what is wrong", (args, says) => {
    expect(parse(...args)).toContain(says);
  });
});
