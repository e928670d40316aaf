import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import type { Called } from "../../../../src/client/client.ts";
import { tokenBy } from "../../../../src/cli/shared/joining/trade-code.ts";
import { recordOf } from "../../../../src/cli/shared/joining/record.ts";
import { takeLock } from "../../../../src/cli/shared/process/lock.ts";
import type { NewlyJoined, TradeRequest } from "../../../../src/domain/join.ts";
import { BODY_CHARACTERS, readCode, writtenCode } from "../../../../src/domain/join-code.ts";

const root = mkdtempSync(join(tmpdir(), "parallax-joining-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const read = readCode(writtenCode("A".repeat(BODY_CHARACTERS)));
const CODE = "code" in read ? read.code : "";
const JOINER = { kind: "agent", site: "fra", target: "db-1" } as const;
const GIVEN = { join: "j-aaaaaaa", ...JOINER, token: "plx_given" };
const headers = { get: () => null, has: () => false };
const ok = (token = "plx_given"): Called<NewlyJoined> => ({
  kind: "ok",
  value: { ...GIVEN, token },
  headers,
});
const refused = (status: number, detail = "no"): Called<NewlyJoined> => ({ kind: "refused", status, detail });
/** By the detector itself, which names a field of the trade. */
const refusedBy = (
  status: number,
  detail: string,
  kind = "conflict",
  fields = ["code"],
): Called<NewlyJoined> => ({
  kind: "refused",
  status,
  detail,
  problem: { kind, fields },
});
const failed = (detail = "fetch failed: ECONNREFUSED"): Called<NewlyJoined> => ({ kind: "failed", detail });

let places = 0;
const make = (...answers: Called<NewlyJoined>[]) => {
  const folder = join(root, `place-${(places += 1)}`);
  const file = join(folder, "kept", "token");
  const asked: TradeRequest[] = [];
  const waits: number[] = [];
  const logged: { event: string; details: unknown }[] = [];
  const stop = new AbortController();
  const ports = {
    trade: async (body: TradeRequest): Promise<Called<NewlyJoined>> => {
      asked.push(body);
      scene.onTrade(file);
      const answer = answers.shift();
      if (answer === undefined) stop.abort();
      return answer ?? failed();
    },
    after: (ms: number, task: () => void) => {
      waits.push(ms);
      queueMicrotask(task);
      return () => undefined;
    },
    random: () => 1,
    log: (_level: string, event: string, details = {}) => logged.push({ event, details }),
  };
  const join_ = () => tokenBy({ code: CODE, file }, JOINER, ports, stop.signal);
  return {
    folder,
    file,
    asked,
    waits,
    logged,
    stop,
    join: join_,
    events: () => logged.map(({ event }) => event),
  };
};

/** `onTrade`: what happens on the machine while the code is traded. */
const scene = Object.assign(make, { onTrade: (_file: string): void => undefined });
afterEach(() => {
  scene.onTrade = () => undefined;
});

it("trades the code, and keeps the token for nobody else to read", async () => {
  const { file, asked, join: go, events } = scene(ok());
  expect(await go()).toEqual({ token: "plx_given" });
  expect(asked).toEqual([{ code: CODE, nonce: expect.stringMatching(/^[\w-]{32}$/), ...JOINER }]);
  expect(readFileSync(file, "utf8")).toBe("plx_given\n");
  for (const each of [file, `${file}.join`]) expect(statSync(each).mode & 0o777).toBe(0o600);
  expect(events()).toEqual(["joining", "joined"]);
  expect(readdirSync(join(file, "..")).toSorted()).toEqual(["token", "token.join"]);
});

it("tries again while the detector is away or busy, ever later, by one nonce", async () => {
  const { asked, waits, join: go, events } = scene(failed(), refused(503), refused(429), failed(), ok());
  expect(await go()).toEqual({ token: "plx_given" });
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(new Set(asked.map(({ nonce }) => nonce)).size).toBe(1);
  expect(events()).toEqual(["joining", "join-failing", "joined"]);
});

it("sends the same nonce after a crash between the trade and its answer, and another for another code", async () => {
  const first = scene();
  await first.join();
  const { nonce } = first.asked[0] ?? { nonce: "" };
  await first.join();
  expect(first.asked[1]?.nonce ?? nonce).toBe(nonce);
  expect(recordOf(first.file)).toEqual({ join: "j-aaaaaaa", nonce });
  writeFileSync(`${first.file}.join`, JSON.stringify({ join: "j-bbbbbbb", nonce }));
  const second = scene(ok());
  mkdirSync(join(second.file, ".."), { recursive: true });
  writeFileSync(`${second.file}.join`, JSON.stringify({ join: "j-bbbbbbb", nonce }));
  await second.join();
  expect(second.asked[0]?.nonce).not.toBe(nonce);
});

it.each([400, 403, 404, 409, 410])(
  "gives up where the detector says %i, in its words and without the code",
  async (status) => {
    const { asked, join: go } = scene(refusedBy(status, `the code ${CODE}\nis wrong`));
    expect(await go()).toEqual({
      problem: `the join code is refused (${status}): the code … is wrong`,
      code: 3,
    });
    expect(asked).toHaveLength(1);
  },
);

it("gives up where the detector has no room for what joins, which is about no field", async () => {
  const { join: go } = scene(refusedBy(409, "there are 64 vantages", "capacity", []));
  expect(await go()).toEqual({ problem: "the join code is refused (409): there are 64 vantages", code: 3 });
});

it("does not blame the code where the address is a wrong path of the detector's", async () => {
  const { asked, join: go } = scene(refusedBy(404, "no such path", "not-found", []));
  expect(await go()).toEqual({
    problem: "--url (or PARALLAX_URL) is not the address of the detector itself (404): no such path",
    code: 2,
  });
  expect(asked).toHaveLength(1);
});

it.each([400, 401, 403, 404, 409, 410])(
  "takes a %i that is not the detector's for an outage",
  async (status) => {
    const { asked, logged, join: go } = scene(refused(status, `<html>${CODE}`), ok());
    expect(await go()).toEqual({ token: "plx_given" });
    expect(asked).toHaveLength(2);
    expect(logged[1]).toEqual({
      event: "join-failing",
      details: { status, detail: "no answer of the detector, so look at --url too: <html>…", failures: 1 },
    });
  },
);

it("gives up when it is told to stop", async () => {
  const { join: go } = scene(failed());
  expect(await go()).toMatchObject({ problem: expect.stringContaining("told to stop") });
});

it("does not trade where it cannot keep what it is given: the code stays good", async () => {
  const { folder, asked, join: go } = scene(ok());
  writeFileSync(folder, "a file where a directory is to be");
  expect(await go()).toEqual({
    problem: expect.stringMatching(/^what joins cannot be kept beside .*(ENOTDIR|EEXIST)/),
    code: 2,
  });
  expect(asked).toEqual([]);
});

it.each([
  { name: "a directory", put: (file: string) => mkdirSync(file) },
  { name: "a link that points nowhere", put: (file: string) => symlinkSync("/no/such", file) },
  { name: "a device", put: (file: string) => symlinkSync("/dev/zero", file) },
  { name: "a link into /proc", put: (file: string) => symlinkSync("/proc/self/status", file) },
])("does not trade where the place of the token is $name", async ({ put }) => {
  const { file, asked, join: go, events } = scene(ok());
  mkdirSync(join(file, ".."), { recursive: true });
  put(file);
  expect(await go()).toEqual({
    problem: expect.stringContaining(`cannot be kept beside ${file}: `),
    code: 2,
  });
  expect(asked).toEqual([]);
  expect(events()).toEqual([]);
});

it("goes on with a token that it could not keep, and says so", async () => {
  const { join: go, events } = scene(ok());
  scene.onTrade = (file) => mkdirSync(file);
  expect(await go()).toEqual({ token: "plx_given" });
  expect(events()).toEqual(["joining", "joined", "token-not-kept"]);
});

it("is one at a time in one place, and a process that died is none", async () => {
  const { file, asked, join: go } = scene(ok());
  mkdirSync(join(file, ".."), { recursive: true });
  const lock = `${file}.lock`;
  writeFileSync(lock, JSON.stringify({ pid: process.ppid }));
  expect(await go()).toMatchObject({
    problem: expect.stringContaining(`process ${process.ppid} is joining`),
    code: 2,
  });
  expect(asked).toEqual([]);
  writeFileSync(lock, JSON.stringify({ pid: process.ppid, startTicks: 1 }));
  expect(await go()).toEqual({ token: "plx_given" });
  expect(takeLock(join(file, ".."), "token.lock")).toHaveProperty("release");
});

it("a token or a problem is as it is", async () => {
  const { asked } = scene();
  const ports = {
    trade: async () => ok(),
    after: () => () => undefined,
    random: () => 0,
    log: () => undefined,
  };
  expect(await tokenBy({ token: "t" }, JOINER, ports)).toEqual({ token: "t" });
  expect(await tokenBy({ problem: "p" }, JOINER, ports)).toEqual({ problem: "p", code: 2 });
  expect(asked).toEqual([]);
});
