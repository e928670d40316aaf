import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings as parseAgent } from "../../../../src/cli/agent/settings.ts";
import { parseSettings as parseVantage } from "../../../../src/cli/vantage/settings.ts";

const URL = "https://detector.example";
const PLACE = ["--site", "fra", "--target", "web-1"];
const printedBy = (settings: object | string): string =>
  typeof settings === "object" && "print" in settings ? String(settings.print) : `${settings as string}`;
const vantage = (...args: string[]): string =>
  printedBy(
    parseVantage(["--url", URL, ...args], { PARALLAX_TOKEN: "secret-token", PARALLAX_JOIN: "secret" }),
  );
const agent = (...args: string[]): string => printedBy(parseAgent(["--url", URL, ...PLACE, ...args], {}));

/** The words of ExecStart, parsed by the rules of systemd.service(5). */
const execStart = (unit: string): string[] => {
  const [, line = ""] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit) ?? [];
  const words = [...line.replaceAll("\\\n", " ").matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)];
  const unescaped = (text: string): string =>
    text.replaceAll(/\\(.)/g, (_, each: string) => ({ n: "\n", t: "\t" })[each] ?? each);
  return words.map(([, quoted, bare]) =>
    (quoted === undefined ? (bare ?? "") : unescaped(quoted)).replaceAll("$$", "$").replaceAll("%%", "%"),
  );
};

describe("a unit", () => {
  it("starts what was asked for, with the code as a credential and never in its command", () => {
    const unit = vantage("--print-unit", "--slots", "32", "--join", "secret");
    expect(execStart(unit)).toEqual([
      expect.stringMatching(/node$/),
      "/usr/local/lib/parallax/cli.mjs",
      "vantage",
      "--url",
      URL,
      "--slots",
      "32",
      "--join-file",
      "%d/parallax-vantage.join",
    ]);
    expect(unit).toContain("\nLoadCredential=parallax-vantage.join\nStateDirectory=parallax-vantage\n");
    expect(unit).toContain("\nRestartPreventExitStatus=2 3\n");
    expect(unit).not.toContain("secret");
  });

  it("with a token has that as its credential", () => {
    const unit = agent(
      "--print-unit",
      "--token-file",
      "/etc/parallax/web-1.token",
      "--pid-file",
      "/run/web.pid",
    );
    expect(execStart(unit).slice(2)).toEqual([
      "agent",
      "--url",
      URL,
      ...PLACE,
      "--pid-file",
      "/run/web.pid",
      "--token-file",
      "%d/parallax-agent-fra-web-1.token",
    ]);
    expect(unit).toContain("\nLoadCredential=parallax-agent-fra-web-1.token:/etc/parallax/web-1.token\n");
  });

  it("of an agent that runs a service ends that with it, and takes no exit code of it for a refusal", () => {
    const unit = agent("--print-unit", "--restarting", "--exec", "--", "/bin/srv", "--token", "x");
    expect(execStart(unit).slice(2)).toEqual([
      "agent",
      "--url",
      URL,
      ...PLACE,
      "--restarting",
      "--join-file",
      "%d/parallax-agent-fra-web-1.join",
      "--exec",
      "--",
      "/bin/srv",
      "--token",
      "x",
    ]);
    expect(unit).toContain("\nKillMode=mixed\n");
    expect(unit).not.toMatch(/UMask|RestartPreventExitStatus/);
  });

  it.each([
    { name: "beside a service", args: ["--on-fence", "f"], mode: "process" },
    { name: "that runs one", args: ["--exec", "--", "srv"], mode: "mixed" },
  ])("of an agent of a group $name has its guard outlive it, or end with it", ({ args, mode }) => {
    const unit = agent("--print-unit", "--group", "db", ...args);
    expect(unit).toContain(`\nKillMode=${mode}\n`);
    expect(unit).toContain("\nRestart=always\n");
    expect(unit).not.toContain("DynamicUser");
  });

  it("says any command as it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom(..."a b \t \n \" ' \\ $ % ; { } - ü".split(" "), " ") }), {
          maxLength: 4,
        }),
        (words) => {
          const unit = agent("--print-unit", "--exec", "--", "cmd", ...words);
          expect(execStart(unit).slice(execStart(unit).indexOf("cmd") + 1)).toEqual(words);
        },
      ),
    );
  });
});

describe("a container", () => {
  it("starts what was asked for, with the code as a secret of its own", () => {
    const file = vantage("--print-container", "--listen-ms", "0", "--join", "secret");
    const [, entry = "[]"] = /^ENTRYPOINT (.*)$/m.exec(file) ?? [];
    expect(JSON.parse(entry)).toEqual([
      "node",
      "/opt/parallax/cli.mjs",
      "vantage",
      "--url",
      URL,
      "--state",
      "/state",
      "--listen-ms",
      "0",
      "--join-file",
      "/run/secrets/parallax-vantage-join",
    ]);
    expect(file).toContain(`\nADD --chmod=644 ${URL}/cli.mjs /opt/parallax/cli.mjs\n`);
    expect(file).toContain("\nENV UV_THREADPOOL_SIZE=64\n");
    expect(file).not.toContain("secret-token");
  });

  it("of an agent speaks for the host alone", () => {
    expect(agent("--print-container")).toContain('"agent","--url"');
  });
});

it.each([
  [vantage("--print-unit", "--print-container"), "--print-unit and --print-container exclude each other"],
  [vantage("--print-unit", "--slots", "0"), "--slots must be"],
  [
    vantage("--print-unit", "--state", "/x"),
    "--state cannot go with --print-unit: the state is kept in /var/lib",
  ],
  [vantage("--print-container", "--state", "/x"), "--state cannot go with --print-container"],
  [vantage("--print-unit", "--once"), "--once cannot go with --print-unit"],
  [agent("--print-unit", "--state", "/x"), "--state cannot go with --print-unit"],
  [agent("--every-ms", "1000", "--every-ms", "2000"), "--every-ms is given twice, and takes one value"],
  [vantage("--slots", "1", "--slots=2"), "--slots is given twice, and takes one value"],
  [vantage("--print-unit", "--token-file", "token"), "--token-file must be a whole path"],
  [agent("--print-unit", "--pid", "1"), "--pid names a process of now: give --pid-file"],
  [agent("--print-unit", "--exec"), "--exec needs a command"],
  [agent("--print-unit", "--exec", "--", "\u0001"), "a control character cannot stand in a unit"],
  [agent("--print-container", "--exec", "--", "srv"), "cannot go with --exec: put cli.mjs"],
  [agent("--print-container", "--pid-file", "/x"), "cannot go with --pid-file"],
  [agent("--print-container", "--group", "db", "--on-fence", "f"), "cannot go with --group"],
  [printedBy(parseVantage(["--print-unit"], {})), "--url (or PARALLAX_URL) is required"],
])("%#: what is wrong is said: %s", (told, says) => {
  expect(told).toContain(says);
});
