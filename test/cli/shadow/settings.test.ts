import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseSettings } from "../../../src/cli/shadow/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "parallax-shadow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const ENVIRONMENT = { PARALLAX_URL: "http://127.0.0.1:1", PARALLAX_TOKEN: "local-read" };
const parsed = (args: string[], environment = {}) => parseSettings(args, { ...ENVIRONMENT, ...environment });
const KUMA = ["kuma", "http://k", "--out", "f"];

describe("parallax shadow", () => {
  it.each([
    ["no kind", [], "KIND must be one of prometheus, gatus, kuma, haproxy, command, or report"],
    ["an unknown kind", ["zabbix", "http://z"], "KIND must be one of"],
    ["no address", ["kuma", "--out", "f"], "WHERE must begin with http:// or https://"],
    [
      "a path of no socket",
      ["gatus", "/run/x", "--out", "f"],
      "WHERE must begin with http:// or https://, for KIND gatus",
    ],
    ["credentials", ["kuma", "http://a:b@k", "--out", "f"], "use --bearer-file or --basic-file"],
    ["a query", ["kuma", "http://k?x=1", "--out", "f"], "must not carry a query"],
    ["two addresses", ["kuma", "http://k", "http://l", "--out", "f"], 'unexpected argument "http://l"'],
    ["no journal", ["kuma", "http://k"], "--out is required"],
    [
      "a map that is none",
      [...KUMA, "--map", "a=b"],
      '--map must be NAME=SITE/TARGET, as "Database 1=fra/db-1", not "a=b"',
    ],
    ["a name twice", [...KUMA, "--map", "a=b/c", "--map", "a=b/d"], '--map names "a" twice'],
    ["another's flag", [...KUMA, "--query", "up"], "--query is for KIND prometheus"],
    ["another's flag", [...KUMA, "--nagios"], "--nagios is for KIND command"],
    ["a command for no command", [...KUMA, "--", "true"], "a command after -- is for KIND command"],
    ["no command", ["command", "fra/db-1", "--out", "f"], "name the command after --"],
    ["no target", ["command", "--out", "f", "--", "true"], "name each target, as SITE/TARGET"],
    [
      "a pace too quick",
      [...KUMA, "--every-ms", "10"],
      "--every-ms must be a whole number from 500 to 300000",
    ],
    ["a limit of none", [...KUMA, "--max-mb", "0"], "--max-mb must be a whole number from 1 to 512"],
    ["a site that is none", [...KUMA, "--site", "A b"], "--site must be 1 to 63 characters"],
    ["a token in the open", [...KUMA, "--token", "x"], "use --token-file or PARALLAX_TOKEN"],
    ["a secret that is not there", [...KUMA, "--bearer-file", join(folder, "none")], "--bearer-file: ENOENT"],
    ["a secret of two lines", [...KUMA, "--bearer-file", file("two", "a\nb\n")], "must hold one line"],
    ["half a login", [...KUMA, "--basic-file", file("half", "me\n")], "--basic-file must hold USER:PASSWORD"],
    [
      "a map file that is no map",
      [...KUMA, "--map-file", file("list.yaml", "- a\n")],
      "list.yaml: must be a mapping",
    ],
    [
      "a map file with a wrong place",
      [...KUMA, "--map-file", file("place.yaml", "a: fra/db-1\nb b: fra\n")],
      "place.yaml:2: b b must be SITE/TARGET, as fra/db-1",
    ],
    ["a map file that is no YAML", [...KUMA, "--map-file", file("broken.yaml", "a: [\n")], "broken.yaml:"],
    ["a report of nothing", ["report"], "name 1 to 100 FILEs"],
    ["a format", ["report", "f", "--format", "pdf"], "--format must be one of text, markdown, json, html"],
    ["a time", ["report", "f", "--tolerance", "soon"], "--tolerance must be a time up to 24h"],
    ["a count", ["report", "f", "--flaps", "1"], "--flaps must be a whole number from 2 to 9999"],
    ["neither an address nor a journal", ["prometheus"], "WHERE must begin with http:// or https://"],
    ["no time", ["report", "f", "--within", "0s"], "--within must be a time from 1ms up to 24h"],
    ["a map file that is none", [...KUMA, "--map-file", folder], `--map-file: ${folder} is a directory`],
    [
      "a secret in a directory",
      [...KUMA, "--bearer-file", folder],
      `--bearer-file: ${folder} is a directory`,
    ],
    ["a secret without an end", [...KUMA, "--basic-file", "/dev/zero"], "/dev/zero is no regular file"],
    ["a file twice", ["report", "f", "f"], "name each FILE once"],
  ])("says what would be right for %s", (_, args, message) => {
    expect(parsed(args)).toContain(message);
  });

  it.each([
    ["", "/;csv"],
    ["/", "/;csv"],
    ["/stats", "/stats;csv"],
    ["/stats;csv", "/stats;csv"],
  ])("asks HAProxy at %j for its table, and names the path that is not there", async (path, asked) => {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const where = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    const settings = parsed(["haproxy", where, "--list"]);
    if (typeof settings === "string" || settings.does !== "follow") throw new Error("not followed");
    await expect(settings.poll(new AbortController().signal)).rejects.toThrow(`it answered 404 to ${asked}`);
    expect(paths).toEqual([asked]);
    server.closeAllConnections();
    server.close();
  });

  it("takes secrets from files or the environment, one of them", () => {
    expect(parsed(KUMA, { CHECKER_BASIC: ":key" })).toMatchObject({ does: "follow", kind: "kuma" });
    const both = parsed([...KUMA, "--basic-file", file("pair", ":key\n")], { CHECKER_BEARER: "x" });
    expect(both).toContain("exclude each other");
  });

  it("reads maps from flags and a file, the flags first; a name may hold anything", () => {
    const map = file("map.yaml", "Database 1: fra/db-1\na=b: fra/x\n");
    expect(parsed([...KUMA, "--map-file", map, "--map", "a=b=ams/y"])).toMatchObject({
      rules: {
        map: new Map([
          ["Database 1", "fra/db-1"],
          ["a=b", "ams/y"],
        ]),
      },
    });
  });
});
