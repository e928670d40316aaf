import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { groupNow, memberNow } from "../../client/group-answers.ts";
import { FakeDetector, MOODS } from "../fake-detector.ts";
import { Running } from "../running.ts";

let api: FakeDetector;
let folder: string;

beforeEach(async () => {
  api = await FakeDetector.start();
  folder = mkdtempSync(join(tmpdir(), "parallax-keepalived-"));
});
afterEach(async () => {
  await api.vanish();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (args: string[]) => {
  const line = ["export-keepalived", "--dir", folder, "--timeout-ms", "1000", ...args];
  const running = new Running(line, api.environment);
  const code = await running.ended;
  return { code, said: running.stdout, told: running.stderr };
};
const content = (name: string): string => {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "no file";
};

describe("parallax export-keepalived --group", () => {
  const answerWith = (first: boolean, second: boolean): void => {
    const members = [
      memberNow({ target: "lb-1", serves: first }),
      memberNow({ target: "lb-2", serves: second }),
    ];
    api.route = (_request, response) => {
      response
        .writeHead(200, { "Content-Type": "application/json" })
        .end(JSON.stringify(groupNow({ members })));
      return true;
    };
  };
  const both = (): string[] => [content("fra.lb-1"), content("fra.lb-2")];
  const ARGS = ["fra/lb-1", "fra/lb-2", "--group", "db"];

  it("writes 0 for whoever serves alone, by one call", async () => {
    answerWith(true, false);
    expect(await run(ARGS)).toMatchObject({ code: 0, said: expect.stringContaining("fra/lb-2 now 1") });
    expect(both()).toEqual(["0\n", "1\n"]);
    answerWith(false, true);
    await run(ARGS);
    expect(both()).toEqual(["1\n", "0\n"]);
    expect(api.asked.map(({ path }) => path)).toEqual(["/v1/groups/db", "/v1/groups/db"]);
  });

  it("writes 1 for all where nobody leads", async () => {
    answerWith(false, false);
    await run(ARGS);
    expect(both()).toEqual(["1\n", "1\n"]);
  });

  it("leaves the file of a target that is no member, and says so", async () => {
    answerWith(true, false);
    const { code, told } = await run(["fra/lb-1", "fra/lb-9", "--group", "db"]);
    expect(code).toBe(1);
    expect(told).toContain("fra/lb-9");
    expect([content("fra.lb-1"), content("fra.lb-9")]).toEqual(["0\n", "0\n"]);
  });

  it.each(MOODS)("moves nothing when the detector is %s", async (mood) => {
    answerWith(false, true);
    await run(ARGS);
    api.mood = mood;
    expect((await run(ARGS)).code).not.toBe(0);
    expect(both()).toEqual(["1\n", "0\n"]);
  });

  it.each([
    [["--group", "a/b"], "--group"],
    [["--group", "db", "--from", "weur"], "--from"],
  ])("does not take %j", async (args, flag) => {
    const { code, told } = await run(["fra/lb-1", ...args]);
    expect(code).toBe(2);
    expect(told).toContain(flag);
  });
});
