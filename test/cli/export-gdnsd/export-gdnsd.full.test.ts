import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../scripts/until.ts";
import { groupNow, memberNow } from "../../client/group-answers.ts";
import { FakeDetector, MOODS } from "../fake-detector.ts";
import { Running } from "../running.ts";

const OLD = "# gdnsd extfile by Parallax\n192.0.2.1 => DOWN/30\n192.0.2.2 => UP/30\n";
const NEW = "# gdnsd extfile by Parallax\n192.0.2.1 => UP/30\n192.0.2.2 => UP/30\nweb.example. => DOWN\n";

let api: FakeDetector;
let folder: string;
let file: string;
let answer: string;

beforeEach(async () => {
  api = await FakeDetector.start();
  folder = mkdtempSync(join(tmpdir(), "parallax-gdnsd-"));
  file = join(folder, "states");
  answer = NEW;
  api.route = (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/plain" }).end(answer);
    return true;
  };
});
afterEach(async () => {
  await api.vanish();
  rmSync(folder, { recursive: true, force: true });
});

const start = (args: string[] = [], options = {}): Running =>
  new Running(["export-gdnsd", "--out", file, "--timeout-ms", "1000", ...args], api.environment, options);

const run = async (args: string[] = [], options = {}) => {
  const running = start(args, options);
  const code = await running.ended;
  return { code, said: running.stdout, told: running.stderr };
};
const content = (): string => readFileSync(file, "utf8");

describe("parallax export-gdnsd", () => {
  it("writes the detector's states into a file that others may read, and leaves nothing beside it", async () => {
    expect(await run()).toMatchObject({ code: 0, said: `written ${file}: 3 hosts, 1 down\n` });
    expect(content()).toBe(NEW);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(["states"]);
  });

  it("asks for the site and the time to live it is told", async () => {
    await run(["--site", "fra", "--ttl", "30"]);
    expect(api.asked[0]?.path).toBe("/v1/export/gdnsd?site=fra&ttl=30");
  });

  it("replaces the file, so that a reader of the old one reads it to its end, and keeps its mode", async () => {
    writeFileSync(file, OLD);
    chmodSync(file, 0o640);
    const before = statSync(file).ino;
    expect((await run()).code).toBe(0);
    expect(content()).toBe(NEW);
    expect(statSync(file).ino).not.toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it("leaves a file that is right, but for the time of its last answer", async () => {
    writeFileSync(file, NEW);
    utimesSync(file, 1, 1);
    const before = statSync(file);
    expect(await run()).toMatchObject({ code: 0, said: expect.stringContaining("unchanged") });
    expect(statSync(file).ino).toBe(before.ino);
    expect(statSync(file).mtimeMs).toBeGreaterThan(1_000_000);
  });

  it("keeps the last line of a host that is no longer named, unless it may shrink", async () => {
    writeFileSync(file, `${OLD}192.0.2.9 => DOWN/30\n`);
    expect(await run()).toMatchObject({
      code: 0,
      said: expect.stringContaining("192.0.2.9 no longer named"),
    });
    expect(content()).toBe(`${NEW}192.0.2.9 => DOWN/30\n`);
    await run(["--allow-shrink"]);
    expect(content()).toBe(NEW);
  });

  it.each(MOODS)("leaves the old file when the detector is %s", async (mood) => {
    writeFileSync(file, OLD);
    api.mood = mood;
    const { code, told } = await run();
    expect(told).toContain("stays as it was");
    expect(code).toBe(mood === "401" || mood === "403" ? 3 : 1);
    expect(content()).toBe(OLD);
    expect(readdirSync(folder)).toEqual(["states"]);
  });

  it.each([
    ["is empty", ""],
    ["is a comment", "# gdnsd extfile by Parallax\n"],
    ["is blank", "\n\n"],
    ["ends in a line", NEW.slice(0, -3)],
    ["is another language", "<html>UP</html>\n"],
    ["has another state", "192.0.2.1 => SIDEWAYS\n"],
    ["has one wrong line among right ones", `${NEW}192.0.2.7 =>\n`],
    ["names a host twice", `${NEW}192.0.2.1 => DOWN\n`],
    ["holds something for gdnsd's parser", `${NEW}$include{/etc/passwd}\n`],
  ])("leaves the old file when the answer %s", async (_what, text) => {
    writeFileSync(file, OLD);
    answer = text;
    expect((await run()).code).toBe(1);
    expect(content()).toBe(OLD);
  });

  it("leaves the old file for an answer that ends with its connection: nobody knows whether that was all", async () => {
    writeFileSync(file, OLD);
    api.route = (request) => {
      request.socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${NEW}`);
      return true;
    };
    expect(await run()).toMatchObject({ code: 1, told: expect.stringContaining("cut off") });
    expect(content()).toBe(OLD);
  });

  it("makes no file where there was none and there is no answer", async () => {
    api.mood = "500";
    expect((await run()).code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves the old file when the disk is full", async () => {
    writeFileSync(file, OLD);
    expect((await run([], { fullDisk: true })).code).not.toBe(0);
    expect(content()).toBe(OLD);
  });

  it("overwrites no file that is not its own, but an empty one", async () => {
    writeFileSync(file, "service_types => {}\n");
    expect(await run()).toMatchObject({
      code: 1,
      told: expect.stringContaining("not a file of this command"),
    });
    expect(content()).toBe("service_types => {}\n");
    writeFileSync(file, "");
    expect((await run()).code).toBe(0);
    expect(content()).toBe(NEW);
  });

  it("goes on through the detector's outage, telling its begin and its end, until it is told to stop", async () => {
    const going = start(["--every-ms", "1000"]);
    await going.logged("written");
    await api.vanish();
    await going.logged("not-kept");
    expect(content()).toBe(NEW);
    answer = OLD;
    await api.appear();
    await going.logged("kept-again");
    await until(() => content().includes("192.0.2.1 => DOWN/30"), { withinMs: 5_000, explain: content });
    expect(content()).toContain("web.example. => DOWN\n");
    await going.logged("no-longer-named");
    expect(await going.end("SIGTERM")).toBe(0);
    expect(going.events("no-longer-named")).toHaveLength(1);
  });

  it.each([
    [[], "--out"],
    [["--out", "x", "--ttl", "0"], "--ttl"],
    [["--out", "x", "--every-ms", "10"], "--every-ms"],
    [["--out", "x", "--site", "F"], "--site"],
  ])("exits 2 for %j", async (args, said) => {
    const bad = new Running(["export-gdnsd", ...args], api.environment);
    expect(await bad.ended).toBe(2);
    expect(bad.stderr).toContain(said);
  });
});

describe("parallax export-gdnsd --group", () => {
  const GROUP = [
    memberNow({ target: "web-1", address: "192.0.2.1", serves: true }),
    memberNow({ target: "web-2", address: "192.0.2.2", serves: false }),
    memberNow({ site: "ams", target: "web-3", address: "web-3.example", serves: true }),
  ];
  const STATES = "192.0.2.1 => UP\n192.0.2.2 => DOWN\nweb-3.example. => UP\n";
  const answerWith = (members: typeof GROUP): void => {
    answer = JSON.stringify(groupNow({ members }));
  };

  it("names each member's address, up where it serves, by one call", async () => {
    answerWith(GROUP);
    expect(await run(["--group", "web"])).toMatchObject({
      code: 0,
      said: `written ${file}: 3 hosts, 1 down\n`,
    });
    expect(content()).toBe(`# gdnsd extfile by Parallax\n${STATES}`);
    expect(api.asked.map(({ path }) => path)).toEqual(["/v1/groups/web"]);
    await run(["--group", "web", "--ttl", "30"]);
    expect(content()).toContain("192.0.2.2 => DOWN/30\n");
  });

  it("holds an address up that two members share while either serves", async () => {
    answerWith(GROUP.map((member) => ({ ...member, address: "192.0.2.7" })));
    await run(["--group", "web"]);
    expect(content()).toBe("# gdnsd extfile by Parallax\n192.0.2.7 => UP\n");
  });

  it.each([
    ["nobody serves, which gdnsd would take for all", GROUP.map((one) => ({ ...one, serves: false }))],
    ["there is no member", []],
    ["an address has a port, which gdnsd would not find", [memberNow({ address: "192.0.2.1:80" })]],
    ["an address holds something for gdnsd's parser", [memberNow({ address: "$include{/etc/passwd}" })]],
  ])("leaves the old file where %s", async (_what, members) => {
    writeFileSync(file, OLD);
    answerWith(members);
    const { code, told } = await run(["--group", "web"]);
    expect([code, content()]).toEqual([1, OLD]);
    expect(told).toContain("stays as it was");
  });

  it.each(MOODS)("leaves the old file when the detector is %s", async (mood) => {
    writeFileSync(file, OLD);
    answerWith(GROUP);
    api.mood = mood;
    expect((await run(["--group", "web"])).code).toBe(mood === "401" || mood === "403" ? 3 : 1);
    expect(content()).toBe(OLD);
  });

  it.each([
    ["the file for gdnsd", NEW],
    ["half an answer", JSON.stringify(groupNow({ members: GROUP })).slice(0, -9)],
  ])("leaves the old file when the answer is %s", async (_what, text) => {
    writeFileSync(file, OLD);
    answer = text;
    expect((await run(["--group", "web"])).code).toBe(1);
    expect(content()).toBe(OLD);
  });

  it.each([
    [["--group", "a/b"], "--group"],
    [["--group", "web", "--site", "fra"], "--site and --group"],
  ])("does not take %j", async (args, flag) => {
    const { code, told } = await run(args);
    expect(code).toBe(2);
    expect(told).toContain(flag);
  });
});
