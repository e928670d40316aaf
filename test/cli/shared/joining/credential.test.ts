import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseSettings as parseAgent } from "../../../../src/cli/agent/settings.ts";
import { keepRecord } from "../../../../src/cli/shared/joining/record.ts";
import { parseSettings as parseVantage } from "../../../../src/cli/vantage/settings.ts";
import { BODY_CHARACTERS, writtenCode } from "../../../../src/domain/join-code.ts";

const root = mkdtempSync(join(tmpdir(), "parallax-credential-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const codeOf = (letter: string): string => writtenCode(letter.repeat(BODY_CHARACTERS));
const plain = (code: string): string => code.replaceAll("-", "");
const CODE = codeOf("A");
const OTHER = codeOf("B");
const MISTYPED = `${CODE.slice(0, -1)}0`;
const AT = { PARALLAX_URL: "http://127.0.0.1:1", XDG_STATE_HOME: join(root, "home") };
const PLACE = ["--site", "fra", "--target", "web-1"];

let state = "";
let cases = 0;
beforeEach(() => {
  state = join(root, `state-${(cases += 1)}`);
  mkdirSync(state);
});
const fileOf = (text: string, name = "code"): string => {
  const file = join(state, name);
  writeFileSync(file, text);
  return file;
};

/** Each command, and the name under which it keeps its token in a state directory. */
const COMMANDS = [
  {
    name: "vantage",
    kept: "token",
    of: (args: string[], env: object = {}) => {
      const settings = parseVantage(args, { ...AT, ...env });
      return typeof settings === "object" && "credential" in settings ? settings.credential : settings;
    },
  },
  {
    name: "agent",
    kept: "fra.web-1.token",
    of: (args: string[], env: object = {}) => {
      const settings = parseAgent([...PLACE, ...args], { ...AT, ...env });
      return typeof settings === "object" && "charge" in settings ? settings.charge.credential : settings;
    },
  },
];

describe.each(COMMANDS)("parallax $name", ({ of, kept }) => {
  it("takes a code from a file, the environment or the command line, and says where its token is to be kept", () => {
    const joining = { code: plain(CODE), file: join(state, kept) };
    const own = ["--state", state];
    expect(of([...own, "--join-file", fileOf(`${CODE}\n`)])).toEqual(joining);
    expect(of(own, { PARALLAX_JOIN: CODE.toLowerCase() })).toEqual(joining);
    expect(of([...own, "--join", plain(CODE)])).toEqual(joining);
    expect(of(["--join", CODE], { STATE_DIRECTORY: state })).toEqual(joining);
    const file = join(state, "elsewhere");
    expect(of([...own, "--join", CODE, "--token-file", file])).toEqual({ ...joining, file });
    // A flag takes precedence over the environment.
    expect(of([...own, "--join", CODE], { PARALLAX_JOIN: OTHER })).toEqual(joining);
  });

  it("without a state directory keeps it in a place of the code's own", () => {
    const places = [CODE, CODE.toLowerCase(), OTHER].map((code) => of(["--join", code]) as { file: string });
    expect(places[0]?.file).toMatch(new RegExp(`^${root}/home/parallax/[0-9a-f]{16}/${kept}$`));
    expect(places[1]).toEqual(places[0]);
    expect(places[2]?.file).not.toBe(places[0]?.file);
  });

  it("goes by the token that is kept, whether the code is still there, is gone, or was left out", () => {
    fileOf("plx_kept\n", kept);
    keepRecord(join(state, kept), { join: `j-${"a".repeat(7)}`, nonce: "n" });
    const own = ["--state", state];
    for (const args of [["--join", CODE], ["--join-file", "/no/such"], ["--join-file", fileOf("\n")], []])
      expect(of([...own, ...args]), args.join(" ")).toEqual({ token: "plx_kept" });
    expect(of(own, { PARALLAX_JOIN: CODE })).toEqual({ token: "plx_kept" });
    expect(of([...own, "--join", OTHER])).toContain(
      `--join is of join j-bbbbbbb, and ${join(state, kept)} holds the token of j-aaaaaaa: remove that file to join anew`,
    );
  });

  it("does not pass over a wrong code because a token is kept", () => {
    fileOf("plx_kept\n", kept);
    const own = ["--state", state];
    expect(of([...own, "--join", MISTYPED])).toContain("--join was mistyped");
    expect(of([...own, "--join-file", fileOf(MISTYPED)])).toContain("--join-file was mistyped");
    expect(of(own, { PARALLAX_JOIN: MISTYPED })).toContain("PARALLAX_JOIN was mistyped");
    expect(of([...own, "--join-file", state])).toContain(`--join-file: ${state} is no regular file`);
  });

  it("does not read a folder or a device for a code or a token, nor a file that is far too long", () => {
    for (const file of [state, "/dev/zero"])
      expect(of(["--state", state, "--join-file", file])).toContain(`--join-file: ${file} is no regular`);
    expect(of(["--state", state, "--join-file", fileOf("A".repeat(5_000))])).toContain(
      "is longer than a join code",
    );
    const args = ["--state", state, "--join", CODE, "--token-file", "/dev/null"];
    expect(of(args)).toEqual({ code: plain(CODE), file: "/dev/null" });
  });

  it.each<[string, (own: string[]) => string[], object, string]>([
    ["none at all", (own) => own, {}, "--token-file (or PARALLAX_TOKEN) is required, or a join code by"],
    ["two", (own) => [...own, "--join", CODE, "--join-file", "x"], {}, "--join and --join-file exclude"],
    [
      "a token too",
      (own) => [...own, "--join", CODE],
      { PARALLAX_TOKEN: "t" },
      "--join and PARALLAX_TOKEN ex",
    ],
    ["no file", (own) => [...own, "--join-file", "/no/such"], {}, "--join-file: ENOENT"],
    ["a mistyped one", (own) => [...own, "--join", MISTYPED], {}, "--join was mistyped: its last two"],
    ["a token's text", (own) => [...own, "--join", "plx_abc"], {}, "--join must be a join code: 28 letters"],
    ["an empty one", (own) => [...own, "--join", ""], {}, "--join must be a join code"],
    [
      "a wrong one in the environment",
      (own) => own,
      { PARALLAX_JOIN: "x" },
      "PARALLAX_JOIN must be a join code",
    ],
  ])("given %s says what is wrong, and not the code", (_, args, env, says) => {
    const problem = of(args(["--state", state]), env);
    expect(problem).toContain(says);
    for (const secret of [CODE, plain(CODE), MISTYPED]) expect(problem).not.toContain(secret);
  });
});

it("an agent starts its service though the code cannot be read, and leaves it its stdin", () => {
  const parse = (...args: string[]) => parseAgent([...PLACE, ...args, "--exec", "--", "cmd"], AT);
  expect(parse("--join-file", "/no/such")).toMatchObject({
    charge: { kind: "exec", credential: { problem: expect.stringContaining("--join-file: ENOENT") } },
  });
  expect(parse("--join", "-")).toBe("--join - cannot go with --exec: stdin is the command's");
});

it("a vantage that joined without a state directory has the same one afterwards", () => {
  const stateOf = () => {
    const settings = parseVantage(["--join", CODE], AT);
    return typeof settings === "object" && "state" in settings ? settings.state : "";
  };
  const first = stateOf();
  mkdirSync(first, { recursive: true });
  writeFileSync(join(first, "token"), "plx_kept\n");
  expect(stateOf()).toBe(first);
});
