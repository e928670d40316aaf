import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile } from "./example.ts";

const STANDBY = '{"state": "running", "postmaster_start_time": "now", "role": "replica", "timeline": 1}';
const LEADER =
  '{"state": "running", "postmaster_start_time": "now", "role": "master", "replication": [{"usename": "x", "application_name": "\\"role\\": \\"replica\\", ", "state": "streaming"}]}';
const STOPPING = '{"state": "stopping", "role": "demoted"}';
/** PostgreSQL gave no answer: Patroni reports this role from memory. */
const FORGOTTEN = '{"state": "unknown", "role": "replica", "timeline": 1}';
const GONE = null;

let patroni: Server;
let dir: string;
let words: Record<string, string | null> = {};
let asked: Record<string, number> = {};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "parallax-promote-"));
  for (const name of ["bin", "conf", "state"]) await mkdir(join(dir, name));
  // A gate that opens for the names in a file, and notes each call.
  const gate = `#!/bin/sh\necho "$@" >>'${dir}/gates'\ngrep -qx "$2" '${dir}/dead'\n`;
  await writeFile(join(dir, "bin/parallax"), gate);
  await chmod(join(dir, "bin/parallax"), 0o755);
  await writeFile(join(dir, "conf/url"), "http://detector.example\n");
  await writeFile(join(dir, "conf/token"), "secret\n");
  patroni = createServer(({ url = "" }, answer) => {
    const name = url.split("/")[1] ?? "";
    asked[name] = (asked[name] ?? 0) + 1;
    const word = words[name];
    if (word === null || word === undefined || !url.endsWith("/patroni")) return void answer.destroy();
    answer.end(word);
    // A switchover: the old leader has stepped down by the next question.
    if (word === STOPPING) words[name] = STANDBY;
  });
  await new Promise<void>((resolve) => {
    patroni.listen(0, "127.0.0.1", resolve);
  });
});
afterAll(async () => {
  patroni.close();
  await rm(dir, { recursive: true, force: true });
});

interface Tried {
  code: number;
  said: string;
  /** The targets for which the gate was called. */
  gates: string[];
}

const promote = async (
  members: string,
  nodes: Record<string, string | null>,
  dead: string[],
): Promise<Tried> => {
  words = { ...nodes };
  asked = {};
  const { port } = patroni.address() as AddressInfo;
  await writeFile(join(dir, "dead"), dead.map((name) => `fra/${name}\n`).join(""));
  await writeFile(join(dir, "gates"), "");
  await writeFile(join(dir, "conf/members"), members.replaceAll("REST", `http://127.0.0.1:${port}`));
  const env = {
    PATH: [join(dir, "bin"), process.env["PATH"]].join(":"),
    PARALLAX_CONF: join(dir, "conf"),
    PARALLAX_STATE: join(dir, "state"),
    PARALLAX_PATIENCE_S: "2",
  };
  const ended = await new Promise<{ code: number; said: string }>((resolve) => {
    execFile(exampleFile("patroni/parallax-pre-promote"), { env }, (error, _, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), said }),
    );
  });
  const gates = (await readFile(join(dir, "gates"), "utf8")).split("\n").filter(Boolean);
  const rest = `--url http://detector.example --token-file ${dir}/conf/token --state ${dir}/state`;
  for (const line of gates) expect(line).toMatch(new RegExp(`^gate (fra/\\S+)? ${rest}$`));
  return { ...ended, gates: gates.map((line) => line.split(" ")[1]?.replace("fra/", "") ?? "") };
};

const TWO = "# a comment\n\nREST/pg-1 fra/pg-1\nREST/pg-2 fra/pg-2\n";
const THREE = `${TWO}REST/pg-3 fra/pg-3\n`;

describe("Patroni's pre_promote lets a standby lead", () => {
  test.each([
    ["after a leader that is confirmed down", TWO, { "pg-1": GONE, "pg-2": STANDBY }, ["pg-1"]],
    ["after a leader that says it follows", TWO, { "pg-1": STANDBY, "pg-2": STANDBY }, []],
    ["after a leader that steps down while it waits", TWO, { "pg-1": STOPPING, "pg-2": STANDBY }, []],
    [
      "of three, the others down or standbys",
      THREE,
      { "pg-1": GONE, "pg-2": STANDBY, "pg-3": STANDBY },
      ["pg-1"],
    ],
    ["of three, both others down", THREE, { "pg-1": GONE, "pg-2": GONE, "pg-3": STANDBY }, ["pg-1", "pg-2"]],
  ] as const)("%s", async (_, members, nodes, dead) => {
    expect(await promote(members, nodes, [...dead])).toMatchObject({ code: 0, gates: dead });
  });
});

describe("Patroni's pre_promote keeps a standby a standby", () => {
  test.each([
    ["while nobody knows about the leader", TWO, { "pg-1": GONE, "pg-2": STANDBY }, "fra/pg-1 may still be"],
    ["while the leader leads", TWO, { "pg-1": LEADER, "pg-2": STANDBY }, "fra/pg-1 may still be"],
    ["while a role is only remembered", TWO, { "pg-1": FORGOTTEN, "pg-2": STANDBY }, "fra/pg-1 may still be"],
    ["for one silent node of three", THREE, { "pg-1": STANDBY, "pg-2": GONE, "pg-3": STANDBY }, "fra/pg-2"],
    ["with nobody to ask about", "# none\n", {}, "names 0 nodes"],
    ["with itself alone to ask about", "REST/pg-2 fra/pg-2\n", { "pg-2": STANDBY }, "names 1 nodes"],
    [
      "where a line has no target",
      "REST/pg-1\nREST/pg-2 fra/pg-2\n",
      { "pg-1": GONE, "pg-2": STANDBY },
      "may still be",
    ],
  ] as const)("%s", async (_, members, nodes, said) => {
    const tried = await promote(members, nodes, []);
    expect(tried).toMatchObject({ code: 1 });
    expect(tried.said).toContain(said);
  });

  test("where there is no list", async () => {
    const members = join(dir, "conf/members");
    await promote(TWO, { "pg-1": STANDBY, "pg-2": STANDBY }, []);
    await rm(members);
    const env = { PATH: process.env["PATH"], PARALLAX_CONF: join(dir, "conf") };
    const code = await new Promise<unknown>((resolve) => {
      execFile(exampleFile("patroni/parallax-pre-promote"), { env }, (error) => resolve(error?.code));
    });
    expect(code).not.toBe(0);
    expect(code).toBeDefined();
  });
});

test("a leader is asked again until it has stepped down or patience has ended", async () => {
  await promote(TWO, { "pg-1": STOPPING, "pg-2": STANDBY }, []);
  expect(asked["pg-1"]).toBe(2);
  await promote(TWO, { "pg-1": LEADER, "pg-2": STANDBY }, []);
  expect(asked["pg-1"]).toBe(3);
});
