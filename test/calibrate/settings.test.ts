import { describe, expect, it } from "vitest";
import { FAULTS } from "../../scripts/calibrate/faults.ts";
import { settingsOf } from "../../scripts/calibrate/settings.ts";

const ENV = { PARALLAX_TOKEN: "an-admin-token", CALIBRATION_KEY: "a-key-of-16-characters" };
const GOOD = ["--url", "https://parallax.example/", "--node", "Node.example"];

describe("the arguments of npm run calibrate", () => {
  it("have defaults", () => {
    expect(settingsOf(GOOD, ENV)).toEqual({
      url: "https://parallax.example",
      token: "an-admin-token",
      node: "node.example",
      port: 8_879,
      key: "a-key-of-16-characters",
      out: "calibration.json",
      faults: FAULTS,
      vantages: undefined,
    });
  });

  it("choose faults and vantages", () => {
    const proxied = "http://db.example:8880/";
    const given = settingsOf(
      [...GOOD, "--only", "error, proxied", "--proxied", proxied, "--vantages", "oc,weur"],
      ENV,
    );
    expect(given).toMatchObject({
      vantages: ["oc", "weur"],
      faults: [{ name: "error" }, { name: "proxied", url: proxied, mode: "crashed" }],
    });
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ["no detector", ["--node", "node.example"], ENV, /^--url \(or PARALLAX_URL\) is required/],
    ["no token", GOOD, { CALIBRATION_KEY: ENV.CALIBRATION_KEY }, /PARALLAX_TOKEN\) is required/],
    ["a token for all to see", [...GOOD, "--token", "x"], ENV, /^--token would show the token/],
    ["no node", ["--url", "https://parallax.example"], ENV, /^--node is required/],
    ["an address", [...GOOD.slice(0, -1), "192.0.2.7"], ENV, /^--node must be a name, since an address/],
    ["a URL", [...GOOD.slice(0, -1), "http://node.example"], ENV, /^--node must be a name alone/],
    ["no key", GOOD, { PARALLAX_TOKEN: "x" }, /^CALIBRATION_KEY must be the key/],
    ["a port too high", [...GOOD, "--port", "65534"], ENV, /^--port must be a whole number from 1 to 65532/],
    [
      "an unknown fault",
      [...GOOD, "--only", "fire"],
      ENV,
      /^--only: there is no fault "fire"; there are ok, crashed/,
    ],
    ["proxied without a URL", [...GOOD, "--only", "proxied"], ENV, /^--only proxied needs --proxied/],
    ["another scheme", [...GOOD, "--proxied", "tcp://a:1"], ENV, /^--proxied must be a URL/],
    ["a word too many", [...GOOD, "now"], ENV, /^unexpected argument "now"/],
    ["an unknown flag", [...GOOD, "--fast"], ENV, /--fast/],
  ])("with %s are refused, the flag named", (_name, args, environment, words) => {
    expect(settingsOf(args, environment)).toEqual(expect.stringMatching(words));
  });
});
