import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseSettings as parseAgent } from "../../../../src/cli/agent/settings.ts";
import { parseSettings as parseVantage } from "../../../../src/cli/vantage/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "parallax-flags-"));
const tokenFile = join(folder, "token");
const emptyFile = join(folder, "empty");
writeFileSync(tokenFile, " in-file \n");
writeFileSync(emptyFile, "\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const URL_AND_TOKEN = { PARALLAX_URL: "http://127.0.0.1:1", PARALLAX_TOKEN: "in-environment" };
const PLACE = ["--site", "fra", "--target", "web-1"];
const exec = (...args: string[]): string[] => [...args, "--exec", "--", "cmd", "--token", "x"];

/** Every command that talks to the detector, with the further arguments it needs. All must report the same mistake in the same words. */
const COMMANDS = [
  ["vantage", parseVantage, (...args: string[]) => args],
  ["agent", parseAgent, (...args: string[]) => [...PLACE, ...args]],
] as const;

describe.each(COMMANDS)("parallax %s", (_name, parse, words) => {
  it.each<[string[], Record<string, string>, string]>([
    [[], { PARALLAX_TOKEN: "t" }, "--url (or PARALLAX_URL) is required"],
    [["--url", ""], URL_AND_TOKEN, "--url (or PARALLAX_URL) is required"],
    [["--url", "ftp://x"], URL_AND_TOKEN, "--url (or PARALLAX_URL) must begin with http:// or https://"],
    [["--url", "http://user:pw@x"], URL_AND_TOKEN, "--url (or PARALLAX_URL) must not carry credentials"],
    [
      ["--url", "http://x/?a=b"],
      URL_AND_TOKEN,
      "--url (or PARALLAX_URL) must not carry credentials, a query",
    ],
    [[], { PARALLAX_URL: "http://x" }, "--token-file (or PARALLAX_TOKEN) is required"],
    [["--token-file", "/no/such"], URL_AND_TOKEN, "--token-file: ENOENT"],
    [["--token-file", emptyFile], URL_AND_TOKEN, `--token-file: no token in ${emptyFile}`],
    [[], { ...URL_AND_TOKEN, PARALLAX_TOKEN: "two words" }, "PARALLAX_TOKEN holds no token"],
    [["--token", "t"], URL_AND_TOKEN, "use --token-file or PARALLAX_TOKEN"],
    [["--token=t"], URL_AND_TOKEN, "use --token-file or PARALLAX_TOKEN"],
    [["--ulr", "http://x"], URL_AND_TOKEN, "--ulr"],
    [["stray"], URL_AND_TOKEN, "stray"],
  ])("given %j and %j says what is wrong", (args, environment, problem) => {
    expect(parse(words(...args), environment)).toContain(problem);
  });

  it("prefers flags to the environment, a token file among them", () => {
    const settings = parse(
      words("--url", "https://x.example/base/", "--token-file", tokenFile),
      URL_AND_TOKEN,
    );
    expect(settings).toHaveProperty("url", "https://x.example/base");
    expect(JSON.stringify(settings)).toContain('"token":"in-file"');
  });

  it("keeps its state where it is told, else where systemd says", () => {
    const environment = { ...URL_AND_TOKEN, STATE_DIRECTORY: "/var/lib/a:/var/lib/b" };
    expect(parse(words("--state", "/s"), environment)).toHaveProperty("state", "/s");
    expect(parse(words(), environment)).toHaveProperty("state", "/var/lib/a");
  });
});

describe("parallax vantage", () => {
  it.each([
    [["--listen-ms", "60000"], "--listen-ms must be a whole number from 0 to 55000"],
    [["--slots", "0"], "--slots must be"],
    [["--retry-max-ms", "1e4"], "--retry-max-ms must be"],
  ])("given %j says what is wrong", (args, problem) => {
    expect(parseVantage(args, URL_AND_TOKEN)).toContain(problem);
  });

  it("keeps state of its own for each detector and token where it is told no place", () => {
    const state = (changes: object): string => {
      const settings = parseVantage([], { XDG_STATE_HOME: "/home/x", ...URL_AND_TOKEN, ...changes });
      return typeof settings === "object" && "state" in settings ? settings.state : "";
    };
    expect(state({})).toMatch(/^\/home\/x\/parallax\/[0-9a-f]{16}$/);
    const others = [{}, { PARALLAX_TOKEN: "other" }, { PARALLAX_URL: "http://127.0.0.1:2" }].map(state);
    expect(new Set(others).size).toBe(3);
  });
});

describe("parallax agent", () => {
  it.each<[string[], string]>([
    [["--site", "fra"], "--target is required"],
    [["--site", "Fra!", "--target", "x"], "--site must be 1 to 63 characters"],
    [[...PLACE, "--every-ms", "999"], "--every-ms must be"],
    [[...PLACE, "--every-ms", "soon"], "--every-ms must be a whole number from 1000 to 3600000"],
    [[...PLACE, "--exec"], "--exec needs a command"],
    [[...PLACE, "--", "cmd"], "needs --exec"],
    [exec(...PLACE, "--pid", "1"), "exclude each other"],
    [[...PLACE, "--pid", "none"], "--pid: none"],
    [exec(...PLACE, "--ok-codes", "0,x"), "--ok-codes must be"],
    [[...PLACE, "--boot-id", "a b"], "--boot-id must be"],
    [[...PLACE, "--boot-id", "a", "--pid-file", "f"], "--boot-id cannot go with --pid-file"],
    [exec("--site", "fra"), "--target is required"],
    [[...PLACE, "--bogus"], "unknown option --bogus: --help lists the options"],
    [[...PLACE, "--pid"], "--pid needs a value"],
    [
      [...PLACE, "--every-ms", "--pid", "1"],
      "--every-ms needs a value; one that begins with a dash is written --every-ms=-…",
    ],
  ])("given %j says what is wrong", (args, problem) => {
    expect(parseAgent(args, URL_AND_TOKEN)).toContain(problem);
  });

  it("takes what stands after -- for the command's, whatever it looks like", () => {
    const args = [...PLACE, "--exec", "--", "cmd", "--site", "--", "-x"];
    expect(parseAgent(args, URL_AND_TOKEN)).toMatchObject({
      charge: { kind: "exec", command: ["cmd", "--site", "--", "-x"], okCodes: [0, 143] },
      place: { site: "fra", target: "web-1" },
      everyMs: 10_000,
    });
  });

  it.each(["/no/such", emptyFile])("starts a service though its token file is %s", (file) => {
    expect(parseAgent(exec(...PLACE, "--token-file", file), URL_AND_TOKEN)).toMatchObject({
      charge: { kind: "exec", credential: { problem: expect.stringContaining("--token-file") } },
    });
  });
});
