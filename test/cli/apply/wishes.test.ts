import { describe, expect, it } from "vitest";
import { wishesIn } from "../../../src/cli/apply/wishes.ts";

const flaws = (text: string, environment = {}): string[] => {
  const wishes = wishesIn(text, environment);
  if (!Array.isArray(wishes)) throw new Error(`nothing wrong with ${JSON.stringify(wishes)}`);
  return wishes.map(({ line, field, message }) => `${line ?? "-"} ${field} ${message}`);
};
const targets = (text: string, environment = {}) => {
  const wishes = wishesIn(text, environment);
  if (Array.isArray(wishes)) throw new Error(JSON.stringify(wishes));
  return wishes.targets;
};

describe("a file of targets", () => {
  it("names targets by site, with their defaults filled in", () => {
    expect(wishesIn("sites:\n  fra:\n    db-1: {url: 'http://a.example/'}\n  ams: {}\n", {})).toEqual({
      sites: ["fra", "ams"],
      targets: [
        {
          place: { site: "fra", target: "db-1" },
          config: { url: "http://a.example/", intervalMs: 30_000, timeoutMs: 5_000 },
        },
      ],
    });
  });

  it("may be JSON, and may repeat what is the same by anchors", () => {
    expect(targets('{"sites": {"fra": {"db-1": {"url": "tcp://a.example:1"}}}}')).toHaveLength(1);
    const [one, two] = targets(
      "sites:\n  fra:\n    a: &a {url: 'tcp://a.example:1', intervalMs: 5000}\n    b: {<<: *a, url: 'tcp://b.example:1'}\n",
    );
    expect(two?.config).toEqual({ ...one?.config, url: "tcp://b.example:1" });
  });

  it("takes the values of headers from the environment", () => {
    const text = (value: string): string =>
      `sites: {fra: {a: {url: "http://a.example", headers: {x-key: "${value}"}}}}`;
    const value = (written: string): string | undefined =>
      targets(text(written), { KEY: "s3cret", A: "$${KEY}" })[0]?.config.headers?.["x-key"];
    expect(value("Bearer ${KEY}")).toBe("Bearer s3cret");
    expect(value("$${KEY} costs $5")).toBe("${KEY} costs $5");
    expect(value("${A}"), "what a value holds is no reference").toBe("$${KEY}");
    expect(flaws(text("${NO}"))).toEqual(["1 sites.fra.a.headers.x-key NO is not set in the environment"]);
    expect(flaws(text("${KEY"), { KEY: "s" })[0]).toContain("is no reference");
    expect(flaws(text("${1}"), { 1: "s" })[0]).toContain("is no reference");
    expect(flaws(text("${constructor}"))[0]).toContain("constructor is not set in the environment");
    expect(flaws(text("${KEY}"), { KEY: "s3cret\n" })[0]).not.toContain("s3cret");
  });

  it.each([
    ["", "- sites must be a mapping"],
    ["- a", "- sites must be a mapping"],
    ["sites: 4", "1 sites must be a mapping"],
    ["sites:\n  fra:\n", "2 sites.fra must be a mapping of targets"],
    ["sites:\n  fra:\n    a:\n", "3 sites.fra.a must be a mapping with at least a url"],
    ["sites:\n  fra:\n    a:\n      intervalMs: 5000\n", "3 sites.fra.a.url "],
    ["sites:\n  fra:\n    a:\n      url: ftp://a\n", "4 sites.fra.a.url must begin with"],
    [
      "sites:\n  fra:\n    a:\n      url: http://a.example\n      headers:\n        __proto__: b\n",
      "6 sites.fra.a.headers.__proto__ is no name for a header",
    ],
    ["sites:\n  FRA: {}\n", "2 sites.FRA the site's name must be"],
    ["sites:\n  fra:\n    A: {url: 'tcp://a:1'}\n", "3 sites.fra.A the target's name must be"],
    [
      "sites:\n  fra:\n    a:\n      url: tcp://a:1\n      intervalMS: 5\n",
      "5 sites.fra.a.intervalMS is no field",
    ],
    ["sites:\n  fra:\n    a:\n      url: tcp://a:1\n      intervalMs: 5\n", "5 sites.fra.a.intervalMs "],
    [
      "sites:\n  fra:\n    a:\n      url: tcp://a:1\n      policy:\n        providers: 9\n",
      "6 sites.fra.a.policy.providers ",
    ],
    [
      "sites:\n  fra:\n    a:\n      url: http://a\n      expect:\n        status:\n          - 200\n          - 2\n",
      "8 sites.fra.a.expect.status.1 ",
    ],
    ["sites: {}\nsite: {}\n", "2 site is no field of this file"],
    ["sites:\n  fra: {}\n  fra: {}\n", "3  Map keys must be unique"],
    ["sites: {\n", "2  "],
    ["sites: {}\n---\nsites: {}\n", "2  another document begins here: a file holds one"],
    ["sites: *all\n", "-  Unresolved alias"],
  ])("%j is turned down, saying where: %s", (text, said) => {
    expect(flaws(text).join("\n")).toContain(said);
  });

  it("tells all that is wrong at once", () => {
    const text =
      "sites:\n  fra:\n    a: {url: x}\n    b: {url: y}\n    c: {url: 'tcp://c:1', intervalMs: 1}\n";
    expect(flaws(text).map((flaw) => flaw.split(" ")[0])).toEqual(["3", "4", "5"]);
  });

  it("is not multiplied without bound by its aliases", () => {
    const lines = Array.from(
      { length: 12 },
      (_, index) => `  - &a${index + 1} [${`*a${index},`.repeat(10)}]`,
    );
    expect(flaws(["x:", "  - &a0 1", ...lines, "sites: {}"].join("\n"))[0]).toContain("alias");
  });

  it("gives no way to what every object has", () => {
    expect(flaws("sites:\n  fra:\n    __proto__: {url: 'tcp://a:1'}\n")[0]).toContain("__proto__");
    expect(flaws("__proto__: {sites: {}}\n")[0]).toContain("sites must be");
  });
});
