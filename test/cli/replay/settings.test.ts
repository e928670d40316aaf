import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseSettings } from "../../../src/cli/replay/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "parallax-replay-"));
const TOKEN_FILE = join(folder, "token");
writeFileSync(TOKEN_FILE, "the-token\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EVIDENCE = "https://detector.example/v1/sites/fra/targets/db-1/evidence";
const AS_IT_WAS = { without: [], policy: {} };

describe("what a replay is given", () => {
  it.each([
    ["files, in their order", ["a.json", "b/c"], { kind: "files", files: ["a.json", "b/c"] }],
    [
      "a target of a detector",
      ["fra/db-1", "--url", "https://detector.example/", "--token-file", TOKEN_FILE, "--since", "1h"],
      {
        kind: "detector",
        url: "https://detector.example",
        token: "the-token",
        place: { site: "fra", target: "db-1" },
        query: { since: "-1h" },
      },
    ],
    [
      "the URL of its evidence, and a flag that says otherwise",
      [`${EVIDENCE}?since=-1h&until=-5m`, "--token-file", TOKEN_FILE, "--until", "-10m"],
      {
        kind: "detector",
        url: "https://detector.example",
        token: "the-token",
        place: { site: "fra", target: "db-1" },
        query: { since: "-1h", until: "-10m" },
      },
    ],
  ])("is %s", (_name, args, source) => {
    expect(parseSettings(args, {})).toEqual({ source, whatIf: AS_IT_WAS, save: undefined });
  });

  it("is what is to be otherwise", () => {
    const args = ["a.json", "--what-if", "without vantage oc", "--what-if", "without  vantage weur"];
    expect(
      parseSettings([...args, "--policy", "outsideProof=true", "--policy", "minVantages=4"], {}),
    ).toMatchObject({
      whatIf: { without: ["oc", "weur"], policy: { outsideProof: true, minVantages: 4 } },
    });
  });

  it.each([
    [[], "name SITE/TARGET, the URL of its evidence, or FILEs"],
    [["a.json", "--since", "1h"], "--since and --until are for a detector"],
    [["https://detector.example/v1/verdicts"], "URL must be that of a target's evidence"],
    [[EVIDENCE], "--token-file (or PARALLAX_TOKEN) is required"],
    [[EVIDENCE, "--token", "x"], "--token would show the token"],
    [[EVIDENCE, "b.json", "--token-file", TOKEN_FILE], 'unexpected argument "b.json"'],
    [
      ["fra/db-1", "--url", "https://d.example", "--token-file", TOKEN_FILE, "--since", "soon"],
      "--since must be",
    ],
    [["a.json", "--what-if", "weur had slept"], '--what-if must be "without vantage ID"'],
    [["a.json", "--what-if", "without vantage W!"], "--what-if: the id of a vantage must be"],
    [["a.json", "--policy", "outsideProof"], "--policy must be KEY=VALUE"],
    [["a.json", "--policy", "outsideProof=maybe"], "--policy outsideProof cannot have that value"],
    [["a.json", "--policy", "trust=all"], "--policy takes failoverOn, restartGraceMs"],
  ])("is refused where it is %j", (args, why) => {
    expect(parseSettings(args, {})).toContain(why);
  });
});
